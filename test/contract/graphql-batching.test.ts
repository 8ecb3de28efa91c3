import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createContext } from '../../src/app/context.ts';
import { makeGraphql } from '../../src/app/graphql.ts';
import { requestContext } from '../../src/app/http-middleware.ts';
import { createWishlist } from '../../src/app/wishlist.ts';
import { makeListImages } from '../../src/features/gallery/list-images.ts';
import { createCdnSigner } from '../../src/shared/cdn-signer.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { makeImageRecords } from '../../src/shared/image-records.ts';
import { createTelemetry } from '../../src/shared/telemetry/telemetry.ts';
import { makeWishlistItems } from '../../src/shared/wishlist-items.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

describe('one request makes one query', () => {
  let api: TestApi;
  let ids: string[];

  beforeAll(async () => {
    api = await startTestApi();
    ids = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? api.seed.ready() : api.seed.pending())),
    );
  });

  afterAll(() => api.close());

  async function queriesOf(query: string, variables: object): Promise<string[]> {
    api.queries.length = 0;
    const { errors } = await api.graphql(query, variables);
    expect(errors).toEqual([]);
    return [...api.queries];
  }

  /** `count` aliases of a field, each with another id, from `first` on. */
  function aliases(field: 'image' | 'node', first: number, count: number): string {
    return Array.from({ length: count }, (_, index) => {
      const id = ids[first + index];
      return `${field}${index}: ${field}(id: "${id}") { id ... on Image { status } }`;
    }).join('\n');
  }

  test('for 50 ids by images, aliases of image and of node, with duplicates', async () => {
    const query = `query ($ids: [ID!]!) {
      images(ids: $ids) { id status access { downloadUrl } }
      ${aliases('image', 10, 25)}
      ${aliases('node', 20, 30)}
    }`;
    const variables = { ids: [...ids.slice(0, 20), ...ids.slice(5, 15)] };
    const queries = await queriesOf(query, variables);
    expect(queries).toEqual([expect.stringMatching(/^\s*SELECT[^;]*FROM image_records/)]);

    const { data } = await api.graphql<Record<string, { id: string } & { id: string }[]>>(
      query,
      variables,
    );
    expect(data.images?.map(({ id }) => id)).toEqual(variables.ids);
    expect(data.image0?.id).toBe(ids[10]);
    expect(data.node29?.id).toBe(ids[49]);
  });

  test('for several images fields, nested in fragments', async () => {
    const queries = await queriesOf(
      `query ($a: [ID!]!, $b: [ID!]!, $c: [ID!]!) {
        a: images(ids: $a) { id }
        ... on Query { b: images(ids: $b) { id access { expiresAt } } }
        ...More
      }
      fragment More on Query { c: images(ids: $c) { id } image(id: "garbage") { id } }`,
      { a: ids.slice(0, 30), b: ids.slice(20), c: [...ids].reverse() },
    );
    expect(queries).toHaveLength(1);
  });

  test('for REST as well', async () => {
    api.queries.length = 0;
    const answer = await api.post('/api/image/v1/serve/get-signed-urls', { image_ids: ids });
    expect(answer.status).toBe(200);
    expect(api.queries).toHaveLength(1);
  });

  test('and none when no id can exist', async () => {
    const query = '{ image(id: "garbage") { id } images(ids: ["", "x"]) { id } }';
    expect(await queriesOf(query, {})).toEqual([]);
  });

  test('and the next request asks again: nothing is remembered from one to the next', async () => {
    const query = '{ image(id: "01ARZ3NDEKTSV4RRFFQ69G5FAV") { id } }';
    expect(await queriesOf(query, {})).toHaveLength(1);
    expect(await queriesOf(query, {})).toHaveLength(1);
  });
});

describe('signing', () => {
  let api: TestApi;
  /** How many URLs were signed, one entry a batch. */
  const batches: number[] = [];
  let url: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    api = await startTestApi();
    const { config } = api;
    const { logger } = api.log;
    const database = createDatabase({ databaseUrl: config.DATABASE_URL, poolSize: 1, logger });
    const signer = createCdnSigner(config);
    const deps = {
      logger,
      records: makeImageRecords(database),
      wishlist: makeWishlistItems(database),
      // The real signer, counted on its way.
      signer: {
        sign(targets: Parameters<typeof signer.sign>[0]) {
          batches.push(targets.length);
          return signer.sign(targets);
        },
      },
    };
    const graphql = await makeGraphql({
      wishlist: createWishlist(config, deps),
      audit: {
        startAudit: () => Promise.reject(new Error('is not called here')),
        cancelAudit: () => Promise.reject(new Error('is not called here')),
        findAudit: () => Promise.reject(new Error('is not called here')),
        listAudits: () => Promise.reject(new Error('is not called here')),
      },
      createIngestUrl: () => Promise.reject(new Error('is not called here')),
      createIngestForm: () => Promise.reject(new Error('is not called here')),
      listImages: makeListImages(deps),
      deleteImages: () => Promise.reject(new Error('is not called here')),
      watchImages: () => {
        throw new Error('is not called here');
      },
      explorable: false,
      telemetry: createTelemetry(),
      newContext: (requestId, userId) => createContext(deps, requestId, userId),
      streams: { maxStreams: 0, heartbeatMs: 1_000 },
    });
    const app = express();
    app.use(requestContext((requestId) => createContext(deps, requestId, null)));
    app.use(graphql.router);
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
    stop = async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await graphql.close();
      await database.$disconnect();
    };
  });

  afterAll(async () => {
    await stop();
    await api.close();
  });

  async function batchesOf(query: string, ids: string[]): Promise<number[]> {
    batches.length = 0;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { ids } }),
    });
    const answer = (await response.json()) as { errors?: unknown };
    expect(answer.errors).toBeUndefined();
    return [...batches];
  }

  test('is done only when access is asked for, for ready images, in one batch', async () => {
    const [a, b] = [await api.seed.ready(), await api.seed.ready()];
    const ids = [a, await api.seed.pending(), b, await api.seed.failed()];
    const images = (selection: string) =>
      `query ($ids: [ID!]!) { images(ids: $ids) { ${selection} } }`;
    expect(await batchesOf(images('id status'), ids)).toEqual([]);
    expect(await batchesOf(images('access { expiresAt }'), ids)).toEqual([2]);
    const skipped = images('id access @include(if: false) { downloadUrl }');
    expect(await batchesOf(skipped, ids)).toEqual([]);
  });

  test('is one batch for all pictures and thumbnails of a page of the gallery', async () => {
    const query = `{ gallery(first: 3, filter: { status: READY }) { edges { node {
      access { downloadUrl } thumbnail { downloadUrl }
    } } } }`;
    await Promise.all([api.seed.ready(), api.seed.ready(), api.seed.ready(), api.seed.ready()]);
    expect(await batchesOf(query, [])).toEqual([6]);
  });
});
