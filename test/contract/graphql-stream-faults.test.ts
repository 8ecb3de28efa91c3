import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import express from 'express';
import { createContext } from '../../src/app/context.ts';
import { type Graphql, makeGraphql } from '../../src/app/graphql.ts';
import { requestContext } from '../../src/app/http-middleware.ts';
import type { ImageStream, WatchImages } from '../../src/features/live/watch-images.ts';
import type { CdnSigner } from '../../src/shared/cdn-signer.ts';
import type { ImageRecord } from '../../src/shared/image-records.ts';
import { createTelemetry } from '../../src/shared/telemetry/telemetry.ts';
import { told, watchImages } from '../support/event-stream.ts';
import { imageRecord } from '../support/image-record.ts';
import { captureLog } from '../support/log.ts';

const SECRET = new Error('connect ECONNREFUSED 10.0.0.7 as media');
const log = captureLog();

let watch: WatchImages;
let sign: CdnSigner['sign'];
let contexts = 0;
let url: string;
let graphql: Graphql;
let stop: () => Promise<void>;

beforeAll(async () => {
  const unused = () => Promise.reject(new Error('is not called here'));
  const deps = {
    logger: log.logger,
    records: { findMany: unused },
    wishlist: { findMany: unused },
    signer: { sign: (targets: Parameters<typeof sign>[0]) => sign(targets) },
  };
  const newContext = (requestId: string) => {
    contexts += 1;
    return createContext(deps, requestId, null);
  };
  const noChanges = { create: unused, update: unused, remove: unused };
  graphql = await makeGraphql({
    createIngestUrl: unused,
    createIngestForm: unused,
    listImages: unused,
    deleteImages: unused,
    wishlist: { listItems: unused, changeItems: noChanges, showImage: unused },
    audit: { startAudit: unused, cancelAudit: unused, findAudit: unused, listAudits: unused },
    watchImages: (ids) => watch(ids),
    explorable: false,
    telemetry: createTelemetry(),
    newContext,
    streams: { maxStreams: 10, heartbeatMs: 1_000 },
  });
  const app = express();
  app.use(requestContext(newContext));
  app.use(graphql.router);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    await graphql.close();
  };
});

beforeEach(() => {
  log.lines.length = 0;
  contexts = 0;
  sign = async (targets) =>
    targets.map(() => ({ downloadUrl: 'https://cdn.example.com/a', expiresAt: new Date() }));
});

afterAll(() => stop());

function streamOf(...images: (ImageRecord | Error)[]): ImageStream {
  async function* stream(): AsyncGenerator<ImageRecord, undefined> {
    for (const image of images) {
      if (!('id' in image)) throw image;
      yield image;
    }
  }
  return stream();
}

async function faultsLogged() {
  const { err } = await log.find(({ msg }) => msg === 'graphql.fault');
  expect(err).toMatchObject({ message: SECRET.message });
}

test('a fault at the beginning tells nothing of itself', async () => {
  watch = () => {
    throw SECRET;
  };
  const stream = await watchImages({ url }, ['x']);
  expect((await stream.rest()).map(told)).toEqual(['INTERNAL_SERVER_ERROR', 'complete']);
  expect(stream.text()).toContain('"message":"internal error"');
  expect(stream.text()).not.toMatch(/ECONN|10\.0/);
  await faultsLogged();
});

test('a fault in one event spoils that one only, and tells nothing of itself', async () => {
  const image = imageRecord();
  watch = () => streamOf(image, image);
  const good = sign;
  sign = () => {
    sign = good;
    return Promise.reject(SECRET);
  };
  const stream = await watchImages({ url }, ['x']);
  const [first, second, end] = await stream.rest();
  expect(first?.data).toEqual({
    data: { imageStatusChanged: expect.objectContaining({ id: image.id, access: null }) },
    errors: [
      expect.objectContaining({
        message: 'internal error',
        path: ['imageStatusChanged', 'access'],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      }),
    ],
  });
  expect(second?.data?.errors).toBeUndefined();
  expect(second?.data?.data?.imageStatusChanged.access).not.toBeNull();
  expect(end?.event).toBe('complete');
  await faultsLogged();
});

test('a stream that breaks ends without complete, so that clients come again', async () => {
  const image = imageRecord();
  watch = () => streamOf(image, SECRET);
  const stream = await watchImages({ url }, ['x']);
  expect((await stream.rest()).map(told)).toEqual([`${image.id} READY`]);
  expect(stream.text()).not.toMatch(/ECONN|10\.0/);
  const { err } = await log.find(({ msg }) => msg === 'http.fault');
  expect(err).toMatchObject({ message: SECRET.message });
});

test('every event has a context of its own, under the same request id', async () => {
  watch = () => streamOf(imageRecord(), imageRecord(), imageRecord());
  await (await watchImages({ url }, ['x'])).rest();
  expect(contexts).toBe(1 + 3);
});

test('a slow client is not sent more than it takes', async () => {
  // More than fits into all buffers on the way.
  const MANY = 400;
  let asked = 0;
  let returned = false;
  const text = 'x'.repeat(256 * 1024);
  watch = () => ({
    next: async () => {
      asked += 1;
      if (asked > MANY) return { done: true, value: undefined };
      return { done: false, value: imageRecord({ thumbhash: text }) };
    },
    async return() {
      returned = true;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  });
  const query = 'subscription { imageStatusChanged(ids: ["x"]) { thumbhash } }';
  const hangUp = new AbortController();
  const response = await fetch(`${url}/graphql/stream?${new URLSearchParams({ query })}`, {
    signal: hangUp.signal,
  });
  expect(response.status).toBe(200);
  // Nobody reads: buffers on the way fill up, and then it stands still.
  let before = -1;
  while (asked !== before) {
    before = asked;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(asked).toBeLessThan(MANY / 2);
  hangUp.abort();
  while (!returned) await new Promise((resolve) => setTimeout(resolve, 10));
  await log.find(({ msg }) => msg === 'http.request');
});
