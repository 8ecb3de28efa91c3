import pg from 'pg';
import { createDeps } from '../../src/app/deps.ts';
import { makeValidateUpload } from '../../src/features/ingest/validate-upload.ts';
import { makeReap, type Reap, type ReapDeps } from '../../src/features/reaper/reap.ts';
import { loadReapConfig } from '../../src/shared/config.ts';
import { createImageDecoder } from '../../src/shared/image-decoder.ts';
import type { ObjectStore } from '../../src/shared/object-store.ts';
import { type CapturedLog, captureLog } from './log.ts';
import type { Surroundings } from './surroundings.ts';

export interface TestReaper {
  reap: Reap;
  objects: ObjectStore;
  log: CapturedLog;
  /** What there is from now on is young, what there was is old. */
  cutHere(): Promise<void>;
  /** Every SQL statement so far. */
  statements: string[];
  close(): Promise<void>;
}

const TTL_SECONDS = 60;

/** The real reaper with the real decoder, on those surroundings. Everything is old as yet. */
export function openTestReaper(
  surroundings: Surroundings,
  options: { batchSize?: number; wrap?: (deps: ReapDeps) => ReapDeps } = {},
): TestReaper {
  const { wrap = (deps: ReapDeps) => deps, ...settings } = options;
  const log = captureLog();
  const config = loadReapConfig(surroundings.environment);
  const statements: string[] = [];
  const deps = createDeps(config, {
    logger: log.logger,
    onQuery: (sql) => statements.push(sql),
  });
  const settleUpload = makeValidateUpload({
    ...deps,
    decoder: createImageDecoder(config),
    maxSizeBytes: config.S3_MAX_INGEST_SIZE_BYTES,
  });
  let cut: number | undefined;
  const reap = makeReap(
    wrap({
      ...deps,
      ...settings,
      settleUpload,
      pendingTtlSeconds: TTL_SECONDS,
      now: () => (cut ?? Date.now() + 1) + TTL_SECONDS * 1000,
    }),
  );
  return {
    reap,
    objects: deps.objects,
    log,
    statements,
    async cutHere() {
      const before = Date.now();
      // Times are compared in milliseconds: old things are to have an earlier one.
      while (Date.now() === before) await new Promise((resolve) => setImmediate(resolve));
      cut = Date.now();
    },
    close: deps.close,
  };
}

/** One statement on the surroundings' database. */
export async function query<Row extends object>(
  { environment }: Surroundings,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}
