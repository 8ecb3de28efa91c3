import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { encodeTime } from 'ulid';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import { type RowFilter, selectRows } from '../../src/shared/image-records/listing-sql.ts';
import { makeImageRecords } from '../../src/shared/image-records.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Explained, explain } from '../support/explain.ts';
import { captureLog } from '../support/log.ts';

const ROWS = 200_000;
const LIMIT = 21;

/** The n-th oldest is of the n-th half minute: 69 days, 23 of the periods of the search. */
const FILL = `
  INSERT INTO image_records
    (id, status, content_type, file_name, object_key, created_at, updated_at, failure_reason)
  SELECT
    id,
    status,
    CASE WHEN n % 1000 = 7 AND n < 100000 THEN 'image/gif' ELSE 'image/jpeg' END,
    CASE WHEN n % 50000 = 9 THEN 'needle' WHEN n < 60000 THEN 'hay' ELSE 'img' END,
    'ingest/' || id, now(), now(), CASE status WHEN 'failed' THEN 'EMPTY' END
  FROM (
    SELECT n, id, CASE WHEN n % 500 = 1 AND n < 100000 THEN 'failed'
      WHEN n % 1000 = 2 THEN 'pending' ELSE 'ready' END AS status
    FROM unnest($1::text[]) WITH ORDINALITY AS ids (id, n)
  ) AS numbers`;

function testId(n: number): string {
  return encodeTime(1_750_000_000_000 + n * 30_000) + String(n).padStart(16, '0');
}

const PKEY = 'image_records_pkey';
const STATUS = 'image_records_status_id_idx';
const CONTENT_TYPE = 'image_records_content_type_status_id_idx';
const GRAMS = 'image_records_file_name_grams_idx';

const ANY: RowFilter = { status: null, contentType: null, fileNameContains: null };

describe('the plans of a list of 200,000 images', () => {
  let testDatabase: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    client = new pg.Client({ connectionString: testDatabase.url });
    await client.connect();
    // It is made much faster at once than row by row.
    const { rows } = await client.query(`SELECT pg_get_indexdef($1::regclass) AS sql`, [GRAMS]);
    await client.query(`DROP INDEX ${GRAMS}`);
    await client.query(FILL, [Array.from({ length: ROWS }, (_, n) => testId(n + 1))]);
    await client.query(rows[0].sql);
  });

  afterAll(async () => {
    await client.end();
    await testDatabase.drop();
  });

  type Mode = Parameters<typeof explain>[1];
  const MODES: Mode[] = ['force_custom_plan', 'force_generic_plan'];

  /** The first page, and one nine tenths down the list. */
  async function pages(mode: Mode, filter: RowFilter, descending: boolean) {
    const all = { from: '', to: '8' };
    const beyond = descending
      ? { from: '', to: testId(ROWS / 10) }
      : { from: testId(ROWS - ROWS / 10), to: '8' };
    const page = (range: typeof all) =>
      explain(client, mode, selectRows({ filter, range, descending, limit: LIMIT }));
    return { first: await page(all), deep: await page(beyond) };
  }

  function accessesOf({ nodes }: Explained): string[] {
    const accesses = nodes.flatMap((node) =>
      node['Relation Name'] || node['Index Name']
        ? [`${node['Node Type']} ${node['Index Name'] ?? ''}`.trim()]
        : [],
    );
    return [...new Set(accesses)];
  }

  // Statistics are missing after a large import, until the server gets round to them.
  describe.each(['never analyzed', 'analyzed'])('%s', (state) => {
    beforeAll(async () => {
      if (state === 'analyzed') await client.query('ANALYZE image_records');
    });

    const filters: [string, Partial<RowFilter>, string, number][] = [
      ['no filter', {}, PKEY, 1],
      ['a status that most have', { status: 'ready' }, STATUS, 1],
      ['a status that few have', { status: 'pending' }, STATUS, 1],
      ['a status that few old ones have', { status: 'failed' }, STATUS, 1],
      ['a content type that most have', { contentType: 'image/jpeg' }, CONTENT_TYPE, 3],
      ['a content type that few old ones have', { contentType: 'image/gif' }, CONTENT_TYPE, 3],
      ['a content type that none has', { contentType: 'image/avif' }, CONTENT_TYPE, 3],
      ['both', { status: 'ready', contentType: 'image/gif' }, CONTENT_TYPE, 1],
      ['both, of none', { status: 'failed', contentType: 'image/gif' }, CONTENT_TYPE, 1],
    ];
    const cases = filters.flatMap(([what, filter, index, scans]) =>
      MODES.flatMap((mode) =>
        [true, false].map((descending) => ({ what, filter, index, scans, mode, descending })),
      ),
    );

    test.each(cases)(
      '$what, $mode, descending $descending: one stretch of an index',
      async ({ filter, index, scans, mode, descending }) => {
        const { first, deep } = await pages(mode, { ...ANY, ...filter }, descending);
        for (const page of [first, deep]) {
          expect(accessesOf(page)).toEqual([`Index Scan ${index}`]);
          expect(page.rowsRead).toBeLessThanOrEqual(scans * LIMIT);
          // A row and its way down the index are a few pages each at most.
          expect(page.buffers).toBeLessThanOrEqual(scans * (LIMIT + 10));
        }
        expect(deep.buffers).toBeLessThanOrEqual(first.buffers + scans * 10);
      },
    );

    test.each(
      MODES.flatMap((mode) => [
        { mode, part: 'IMG', descending: true },
        { mode, part: 'hay', descending: false },
        { mode, part: 'i', descending: true },
      ]),
    )(
      '$part, in most names near by, $mode: a walk of a page',
      async ({ mode, part, descending }) => {
        const filter = { ...ANY, fileNameContains: part };
        const { first } = await pages(mode, filter, descending);
        expect(accessesOf(first)).toEqual([`Index Scan ${PKEY}`]);
        expect(first.rowsRead).toBeLessThanOrEqual(LIMIT + 5);
      },
    );

    test.each(
      MODES.flatMap((mode) => [
        { mode, part: 'needle', descending: true },
        { mode, part: 'ee', descending: false },
        { mode, part: 'nowhere', descending: true },
        { mode, part: 'hay', descending: true },
        { mode, part: 'img', descending: false },
      ]),
    )('$part, far away, $mode: by the index of names', async ({ mode, part, descending }) => {
      const filter = { ...ANY, fileNameContains: part };
      const { first, deep } = await pages(mode, filter, descending);
      for (const page of [first, deep]) {
        expect(page.nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
        // 5,000 are walked, and 8,948 at most are of one period.
        expect(page.rowsRead).toBeLessThan(15_000);
      }
      expect(accessesOf(first)).toContain(`Bitmap Index Scan ${GRAMS}`);
    });
  });

  test('these are the statements that are sent', async () => {
    const sent: string[] = [];
    const { logger } = captureLog();
    const database: Database = createDatabase({
      ...{ databaseUrl: testDatabase.url, poolSize: 1, logger },
      onQuery: (sql) => sent.push(sql),
    });
    try {
      const records = makeImageRecords(database);
      const filter = { ...ANY, createdAfter: null, createdBefore: null };
      for (const named of [filter, { ...filter, fileNameContains: 'needle' }]) {
        sent.length = 0;
        const query = { after: null, before: null, order: 'newest', take: 'last' } as const;
        const rows = await records.list({ filter: named, ...query, limit: LIMIT });
        expect(rows.at(-1)?.id).toBe(testId(named === filter ? 1 : 9));
        const range = { from: '', to: '8' };
        const sql = selectRows({ filter: named, range, descending: false, limit: LIMIT });
        expect(sent).toEqual([sql.text]);
      }
    } finally {
      await database.$disconnect();
    }
  });
});
