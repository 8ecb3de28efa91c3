import { type ApiOptions, startApi } from '../../src/app/api.ts';
import type { ContentType } from '../../src/domain/content-types.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import type { FailureReason } from '../../src/domain/image-status.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import type { ApiConfig } from '../../src/shared/config.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { makeImageRecords } from '../../src/shared/image-records.ts';
import { apiConfig } from './config.ts';
import { createTestDatabase } from './database.ts';
import { type CapturedLog, captureLog } from './log.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed JSON of the body; undefined where the body is none. */
  json: unknown;
}

export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
}

export interface GraphqlAnswer<Data> extends Answer {
  data: Data;
  errors: GraphqlError[];
}

export interface Seed {
  pending(fileName?: string): Promise<ImageId>;
  ready(versionId?: string | null): Promise<ImageId>;
  failed(reason?: FailureReason): Promise<ImageId>;
  /** Makes a pending image failed for this reason, ready without one. */
  settle(id: ImageId, reason?: FailureReason): Promise<void>;
  /** How many records there are, whoever stored them. */
  count(): Promise<number>;
}

export interface TestApi {
  url: string;
  config: ApiConfig;
  log: CapturedLog;
  /** The SQL that the API has run; empty it before what is to be counted. */
  queries: string[];
  seed: Seed;
  send(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  graphql<Data>(query: string, variables?: object): Promise<GraphqlAnswer<Data>>;
  /** The database goes away under the running API, and stays away. */
  loseDatabase(): Promise<void>;
  close(): Promise<void>;
}

export const JSON_HEADERS = { 'content-type': 'application/json' };

/** Starts the real API on a database of its own. `environment` wins over the defaults. */
export async function startTestApi(
  environment: Record<string, string> = {},
  options: Pick<ApiOptions, 'galleryDirectory' | 'now'> = {},
): Promise<TestApi> {
  const database = await createTestDatabase();
  const config = apiConfig({ DATABASE_URL: database.url, ...environment });
  const log = captureLog();
  const queries: string[] = [];
  const { logger } = log;
  const api = await startApi(config, {
    ...options,
    logger,
    onQuery: (sql) => queries.push(sql),
  });
  const url = `http://127.0.0.1:${api.port}`;
  // A connection of its own, so that seeding is not among the queries that are counted.
  const seeding = createDatabase({ databaseUrl: database.url, poolSize: 1, logger });

  async function send(path: string, init?: RequestInit): Promise<Answer> {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  function post(path: string, body: unknown): Promise<Answer> {
    return send(path, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(body) });
  }

  return {
    url,
    config,
    log,
    queries,
    seed: { ...makeSeed(makeImageRecords(seeding)), count: () => seeding.imageRecord.count() },
    send,
    post,
    async graphql<Data>(query: string, variables: object = {}) {
      const answer = await post('/graphql', { query, variables });
      const { data, errors } = (answer.json ?? {}) as { data: Data; errors?: GraphqlError[] };
      return { ...answer, data, errors: errors ?? [] };
    },
    async loseDatabase() {
      await seeding.$disconnect();
      await database.drop();
    },
    async close() {
      await api.close();
      await seeding.$disconnect();
      await database.drop();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function makeSeed(records: ReturnType<typeof makeImageRecords>): Omit<Seed, 'count'> {
  async function pending(fileName = 'cat.png'): Promise<ImageId> {
    const id = newImageId();
    const contentType: ContentType = 'image/png';
    await records.insert({ id, contentType, fileName, objectKey: ingestKey(id) });
    return id;
  }
  async function settle(id: ImageId, reason?: FailureReason, versionId: string | null = 'v1') {
    const isSettled = reason
      ? await records.markFailed(id, reason)
      : await records.markReady(id, {
          sizeBytes: 1234,
          versionId,
          etag: 'etag-1',
          width: 640,
          height: 480,
          thumbhash: 'H/gBBYB6fW94h5e313h31dc8j1BU',
          thumbnailVersionId: 't1',
        });
    if (!isSettled) throw new Error(`image ${id} is not pending`);
  }
  return {
    pending,
    settle: (id, reason) => settle(id, reason),
    async ready(versionId = 'v1') {
      const id = await pending();
      await settle(id, undefined, versionId);
      return id;
    },
    async failed(reason = 'CONTENT_TYPE_MISMATCH') {
      const id = await pending();
      await settle(id, reason);
      return id;
    },
  };
}
