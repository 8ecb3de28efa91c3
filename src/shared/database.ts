import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { Logger } from './logger.ts';

/** Prisma, and for the hottest statements a way past it, over the same connections. */
export type Database = PrismaClient & DirectQueries;

export interface DirectQueries {
  /**
   * Runs a named statement as the driver does, for half of the CPU time that Prisma takes: only for
   * what every request does (docs/adr/0016-hot-paths.md). Rows are as `pg` reads them: a BIGINT is
   * text.
   */
  runStatement<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row[]>;
}

/** The name is one for each text; those that are `s` and a number are Prisma's. */
export interface Statement {
  name: string;
  text: string;
}

/** PostgreSQL keeps a plan a named statement and connection, so their number has to have an end. */
const MAX_NAMED_STATEMENTS = 200;
/** How long to wait for a connection, a new one or one of the pool, before a request fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

export interface DatabaseOptions {
  databaseUrl: string;
  poolSize: number;
  logger: Logger;
  /** Called with the text of each SQL statement. */
  onQuery?: (sql: string) => void;
}

/** Opens no connection yet: the first query does. Close with `$disconnect()`. */
export function createDatabase(options: DatabaseOptions): Database {
  const { databaseUrl, poolSize, logger, onQuery } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // The pool replaces a lost idle connection by itself; without a listener the process would die.
  pool.on('error', (error) => logger.warn({ err: error }, 'database.connection_lost'));
  const adapter = new PrismaPg(pool, { statementNameGenerator: createStatementNames() });
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  if (onQuery) prisma.$on('query', (event) => onQuery(event.query));
  const disconnectPrisma = prisma.$disconnect.bind(prisma);

  return Object.assign(prisma, {
    async runStatement<Row extends object>({ name, text }: Statement, values: readonly unknown[]) {
      onQuery?.(text);
      const { rows } = await pool.query<Row>({ name, text, values: [...values] });
      return rows;
    },
    async $disconnect() {
      await disconnectPrisma();
      if (!pool.ending) await pool.end();
    },
  });
}

/** Whether a query was never sent, because every connection was taken for too long. */
export function isPoolExhausted(error: unknown): boolean {
  // pg-pool has neither a class nor a code for it; a contract test watches over the words.
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

/** Names the first statements that are seen, so that PostgreSQL parses and plans them once. */
function createStatementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // The empty name is PostgreSQL's unnamed statement: parsed anew, nothing kept.
    if (names.size >= MAX_NAMED_STATEMENTS) return '';
    const name = `s${names.size}`;
    names.set(sql, name);
    return name;
  };
}

/** Resolves when the database answers; also warms the client, whose first query is slow. */
export async function pingDatabase(database: Database): Promise<void> {
  await database.$queryRaw`SELECT 1`;
}
