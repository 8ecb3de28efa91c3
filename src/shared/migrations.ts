import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';

/** The advisory lock that `prisma migrate` takes (its schema engine's source). */
const PRISMA_LOCK_ID = 72_707_369;

/** How long another process may be migrating before we give up. */
const LOCK_TIMEOUT = '60s';

/** As `prisma migrate` creates it, so that either can continue the other's work. */
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** A statement that PostgreSQL runs outside transactions only, so nothing can be added to it. */
const OUTSIDE_TRANSACTIONS = /\b(CONCURRENTLY|VACUUM|ALTER\s+SYSTEM|(CREATE|DROP)\s+DATABASE)\b/i;

interface Migration {
  name: string;
  sql: string;
}

interface MigrationRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** Line endings do not count, as with Prisma: git may change them on checkout. */
function hasChecksum(sql: string, checksum: string): boolean {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].some((text) => checksumOf(text) === checksum);
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8').catch(() => {
        throw new Error(`Migration ${name} has no readable migration.sql.`);
      });
      return { name, sql };
    }),
  );
}

/**
 * Runs one migration and notes that it is done in the same query, which PostgreSQL treats as one
 * transaction: a process killed halfway leaves neither, and the next one simply begins again.
 */
async function runMigration(client: pg.Client, { name, sql }: Migration): Promise<void> {
  const values = [randomUUID(), checksumOf(sql), name].map((value) => pg.escapeLiteral(value));
  const done = `INSERT INTO _prisma_migrations
    (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES (${values.join(', ')}, now(), clock_timestamp(), 1)`;
  if (OUTSIDE_TRANSACTIONS.test(sql)) {
    await client.query(sql);
    await client.query(done);
  } else {
    await client.query(`${sql}\n;\n${done}`);
  }
}

/** Notes a failure the way `prisma migrate deploy` does, and `prisma migrate resolve` expects. */
async function recordFailure(client: pg.Client, { name, sql }: Migration, reason: string) {
  await client.query('ROLLBACK');
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ($1, $2, $3, $4)',
    [randomUUID(), checksumOf(sql), name, reason],
  );
}

async function appliedRows(client: pg.Client): Promise<MigrationRow[]> {
  const { rows } = await client.query<MigrationRow>(
    `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

function pendingOf(migrations: Migration[], rows: MigrationRow[]): Migration[] {
  const failed = rows.find((row) => row.finished_at === null);
  if (failed) {
    throw new Error(
      `Migration ${failed.migration_name} failed earlier. Repair the database, then mark it with "prisma migrate resolve".`,
    );
  }
  const checksums = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  return migrations.filter(({ name, sql }) => {
    const checksum = checksums.get(name);
    if (checksum === undefined) return true;
    if (hasChecksum(sql, checksum)) return false;
    throw new Error(
      `Migration ${name} was edited after it was applied. Restore it, and put the change into a new migration.`,
    );
  });
}

/**
 * Applies the migrations that the database does not have yet, in the order of their names.
 *
 * A stand-in for `prisma migrate deploy` that needs no engine download: same table, same
 * checksums, same advisory lock, so the two are interchangeable and runs in parallel are safe. It
 * is stricter in one thing: where Prisma only warns that an applied migration was edited since,
 * this stops. Nobody reads a warning at boot, and from then on the schema under test and the one
 * in production are not the same.
 *
 * @param options.databaseUrl an existing database; the role must be allowed to create tables
 * @param options.directory holds `<name>/migration.sql`, e.g. `prisma/migrations`
 * @returns the names applied now; empty when there was nothing to do
 * @throws Error naming the migration that fails now, failed earlier, or was edited
 */
export async function applyMigrations(options: {
  databaseUrl: string;
  directory: string;
}): Promise<string[]> {
  const migrations = await readMigrations(options.directory);
  const client = new pg.Client({ connectionString: options.databaseUrl });
  // A lost connection also rejects the query under way; without a listener it ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK_ID]);
    await client.query('RESET lock_timeout');
    await client.query(MIGRATIONS_TABLE);
    const pending = pendingOf(migrations, await appliedRows(client));
    for (const migration of pending) {
      try {
        await runMigration(client, migration);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        await recordFailure(client, migration, reason).catch(() => undefined);
        throw new Error(`Migration ${migration.name} failed: ${reason}`, { cause: error });
      }
    }
    return pending.map((migration) => migration.name);
  } finally {
    // Ending the session gives the lock back.
    await client.end().catch(() => undefined);
  }
}
