import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { Logger } from './logger.ts';

export type Database = PrismaClient;

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
  const adapter = new PrismaPg(
    {
      connectionString: databaseUrl,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    },
    {
      statementNameGenerator: createStatementNames(),
      // The pool replaces a lost idle connection by itself; without a listener the process would die.
      onPoolError: (error) => logger.warn({ err: error }, 'database.connection_lost'),
    },
  );
  const database = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  if (onQuery) database.$on('query', (event) => onQuery(event.query));
  return database;
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
