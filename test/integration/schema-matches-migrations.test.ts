import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Prisma } from '../../src/generated/prisma/client.ts';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { captureLog } from '../support/log.ts';

interface Column {
  name: string;
  type: string;
  nullable: boolean;
}

/** How PostgreSQL calls the types that schema.prisma uses. */
const TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Float: 'double precision',
  Json: 'jsonb',
  DateTime: 'timestamp(3) without time zone',
  'DateTime @db.Timestamptz(6)': 'timestamp(6) with time zone',
};

/** The tables that schema.prisma describes, read from its text. */
function declaredTables(): Map<string, Column[]> {
  const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
  const models = schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms);
  return new Map(
    Array.from(models, ([, model = '', body = '']) => [
      /@@map\("(\w+)"\)/.exec(body)?.[1] ?? model,
      body.split('\n').flatMap(parseField),
    ]),
  );
}

function parseField(line: string): Column[] {
  const [, field, type = '', optional, attributes = ''] =
    /^\s+(\w+)\s+(\w+)(\?)?(.*)$/.exec(line) ?? [];
  if (field === undefined) return [];
  const native = /@db\.\S+/.exec(attributes)?.[0];
  const declared = native ? `${type} ${native}` : type;
  return [
    {
      name: /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field,
      type: TYPES[declared] ?? `no PostgreSQL type is known for ${declared}`,
      nullable: optional === '?',
    },
  ];
}

describe('the migrated database', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let sql: pg.Client;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const { logger } = captureLog();
    database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 1, logger });
    sql = new pg.Client({ connectionString: testDatabase.url });
    await sql.connect();
  });

  afterAll(async () => {
    await sql.end();
    await database.$disconnect();
    await testDatabase.drop();
  });

  async function migratedTables(): Promise<Map<string, Column[]>> {
    const { rows } = await sql.query<Column & { table: string }>(
      `SELECT relname AS table, attname AS name, format_type(atttypid, atttypmod) AS type,
              NOT attnotnull AS nullable
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
         AND NOT attisdropped AND relname <> '_prisma_migrations'
       ORDER BY relname, attnum`,
    );
    const tables = new Map<string, Column[]>();
    for (const { table, ...column } of rows) {
      tables.set(table, [...(tables.get(table) ?? []), column]);
    }
    return tables;
  }

  test('has exactly the tables and columns of schema.prisma, in type and nullability', async () => {
    const declared = declaredTables();
    expect(declared.size).toBeGreaterThan(0);
    expect(Object.fromEntries(await migratedTables())).toEqual(Object.fromEntries(declared));
  });

  test('every column of every model is read', async () => {
    // The type makes a model that is missing here an error.
    const readers: Record<Prisma.ModelName, () => Promise<unknown>> = {
      ImageRecord: () => database.imageRecord.findMany(),
      ImageDeletion: () => database.imageDeletion.findMany(),
      WishlistItem: () => database.wishlistItem.findMany(),
      FormatAuditJob: () => database.formatAuditJob.findMany(),
      FormatAuditChange: () => database.formatAuditChange.findMany(),
      FormatAuditLeft: () => database.formatAuditLeft.findMany(),
    };
    for (const read of Object.values(readers)) expect(await read()).toEqual([]);
  });

  test('every column of an image record is written and read', async () => {
    const row = {
      id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      status: 'failed',
      contentType: 'image/png',
      fileName: 'cat.png',
      sizeBytes: 2n ** 40n,
      objectKey: 'ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV',
      createdAt: new Date('2026-02-22T10:00:00.123Z'),
      updatedAt: new Date('2026-02-22T10:00:01.456Z'),
      versionId: 'v1',
      etag: 'e1',
      width: 4032,
      height: 3024,
      thumbhash: 'aGFzaA==',
      thumbnailVersionId: 't1',
      failureReason: 'EMPTY',
    };
    await database.imageRecord.create({ data: row });
    expect(await database.imageRecord.findUnique({ where: { id: row.id } })).toEqual(row);
  });

  test('every column of a wishlist item is written and read', async () => {
    const row = {
      id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      userId: 'user-1',
      title: 'A boat',
      imageKey: 'uploads/wishlist/1.jpg',
      imageUrl: 'https://bucket.s3.amazonaws.com/uploads/wishlist/1.jpg',
      imageId: null,
      imageUpdatedAt: new Date('2026-02-22T10:00:02.789Z'),
      createdAt: new Date('2026-02-22T10:00:00.123Z'),
      updatedAt: new Date('2026-02-22T10:00:01.456Z'),
    };
    await database.wishlistItem.create({ data: row });
    expect(await database.wishlistItem.findUnique({ where: { id: row.id } })).toEqual(row);
    const withImage = { ...row, id: '1', imageKey: null, imageUrl: null, imageId: 'x' };
    await database.wishlistItem.create({ data: withImage });
    expect(await database.wishlistItem.findUnique({ where: { id: '1' } })).toEqual(withImage);
  });
});
