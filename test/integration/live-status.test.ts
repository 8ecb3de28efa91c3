import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi } from '../../src/app/api.ts';
import { loadApiConfig } from '../../src/shared/config.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { apiEnvironment } from '../support/config.ts';
import { type EventStream, type ImageNews, told, watchImages } from '../support/event-stream.ts';
import { captureLog } from '../support/log.ts';
import { connectMediaClient, putBytes } from '../support/media-client.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startTestWorker } from '../support/worker.ts';

describe('while the database is away', () => {
  let api: TestApi;
  /** An API process on the same database, through proxies. */
  let distant: { url: string; close(): Promise<void> };
  let pool: TcpProxy;
  let listener: TcpProxy;
  const open: EventStream<ImageNews>[] = [];
  const log = captureLog();

  beforeAll(async () => {
    api = await startTestApi();
    const url = new URL(api.config.DATABASE_URL);
    const target = { host: url.hostname, port: Number(url.port) };
    pool = await startTcpProxy(target);
    listener = await startTcpProxy(target);
    const through = ({ port }: TcpProxy) => Object.assign(new URL(url), { port }).href;
    const environment = apiEnvironment({
      DATABASE_URL: through(pool),
      DATABASE_LISTEN_URL: through(listener),
    });
    const { port, close } = await startApi(loadApiConfig(environment), { logger: log.logger });
    distant = { close, url: `http://127.0.0.1:${port}` };
    // Prisma imports its engine at the first query, which Jest refuses between two tests.
    await (await watchImages(distant, [await api.seed.ready()])).rest();
  });

  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });

  afterAll(async () => {
    await distant.close();
    await Promise.all([pool.close(), listener.close()]);
    await api.close();
  });

  async function watch(...ids: string[]): Promise<EventStream<ImageNews>> {
    const stream = await watchImages(distant, ids);
    open.push(stream);
    return stream;
  }

  test('a change that the listener has missed is told when it is back', async () => {
    const id = await api.seed.pending();
    const stream = await watch(id);
    expect(told(await stream.next())).toBe(`${id} PENDING`);
    listener.goAway();
    await api.seed.settle(id);
    listener.comeBack();
    expect((await stream.rest()).map(told)).toEqual([`${id} READY`, 'complete']);
  });

  test('a change that could not be read is told when it can be', async () => {
    const id = await api.seed.pending();
    const stream = await watch(id);
    await stream.next();
    log.lines.length = 0;
    pool.goAway();
    await api.seed.settle(id, 'UNDECODABLE');
    await log.find(({ msg }) => msg === 'live.read_failed');
    pool.comeBack();
    expect((await stream.rest()).map(told)).toEqual([`${id} FAILED`, 'complete']);
  });

  test('streams stay open, new ones as well, and nothing of it gets out', async () => {
    const [early, late] = [await api.seed.pending(), await api.seed.pending()];
    const before = await watch(early);
    await before.next();
    log.lines.length = 0;
    pool.goAway();
    listener.goAway();
    const during = await watch(late);
    expect(during.status).toBe(200);
    await log.find(({ msg }) => msg === 'live.read_failed');
    await api.seed.settle(early);
    pool.comeBack();
    listener.comeBack();
    expect(told(await during.next())).toBe(`${late} PENDING`);
    expect((await before.rest()).map(told)).toEqual([`${early} READY`, 'complete']);
    expect(before.text() + during.text()).not.toMatch(/127\.0\.0\.1|ECONN|SELECT|stack/i);
  });
});

describe('from upload to stream, through several processes', () => {
  test('the worker settles, both APIs tell', async () => {
    const worker = await startTestWorker();
    const { logger } = captureLog();
    const config = loadApiConfig(apiEnvironment({ ...worker.environment, REAP_CRON: undefined }));
    const apis = await Promise.all([startApi(config, { logger }), startApi(config, { logger })]);
    const urls = apis.map(({ port }) => ({ url: `http://127.0.0.1:${port}` }));
    try {
      const [first, second] = urls;
      if (!first || !second) throw new Error('there are two');
      const client = connectMediaClient(`${first.url}/graphql`);
      const ingest = await client.createIngestUrl('image/webp', 'a.webp');
      const id = ingest.id;
      const streams = [await watchImages(first, [id]), await watchImages(second, [id])];
      for (const stream of streams) expect(told(await stream.next())).toBe(`${id} PENDING`);
      const pictures = await drawTinyImages();
      await putBytes(ingest, new Uint8Array(pictures['image/webp']));
      for (const stream of streams) {
        expect((await stream.rest()).map(told)).toEqual([`${id} READY`, 'complete']);
      }
    } finally {
      await Promise.all(apis.map(({ close }) => close()));
      await worker.close();
    }
  });
});
