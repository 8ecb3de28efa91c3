import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CdnInvalidator, createCdnInvalidator } from '../../../src/shared/cdn-invalidator.ts';
import { ConfigError, loadWorkerConfig } from '../../../src/shared/config.ts';
import { workerEnvironment } from '../../support/config.ts';
import { listenOnAnyPort } from '../../support/tcp-proxy.ts';

let server: Server;
let invalidator: CdnInvalidator;
let batches: { url: string | undefined; reference: string; paths: string[] }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await text(request);
    batches.push({
      url: request.url,
      reference: /<CallerReference>(.*)<\/CallerReference>/.exec(body)?.[1] ?? '',
      paths: Array.from(body.matchAll(/<Path>(.*?)<\/Path>/g), ([, path = '']) => path),
    });
    response.writeHead(201).end('<Invalidation><Id>I1</Id></Invalidation>');
  });
  const port = await listenOnAnyPort(server);
  invalidator = createCdnInvalidator({
    CLOUDFRONT_DISTRIBUTION_ID: 'E1TEST',
    AWS_ENDPOINT_URL_CLOUDFRONT: `http://127.0.0.1:${port}`,
  });
});

beforeEach(() => {
  batches = [];
});

afterAll(async () => {
  invalidator.close();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

const target = (name: string, versionId: string | null = null) => ({ key: name, versionId });

describe('the invalidator', () => {
  test('names each path as it is in the cache key, once', async () => {
    await invalidator.forget([
      target('thumbnails/B.jpg', 'a+b/c'),
      target('ingest/a b'),
      target('thumbnails/B.jpg', 'a+b/c'),
    ]);
    expect(batches).toEqual([
      {
        url: '/2020-05-31/distribution/E1TEST/invalidation',
        reference: expect.stringMatching(/^[0-9a-f]{64}$/),
        paths: ['/ingest/a%20b', '/thumbnails/B.jpg?versionId=a%2Bb%2Fc'],
      },
    ]);
  });

  test('the same paths in any order have the same reference, others another one', async () => {
    await invalidator.forget([target('a'), target('b')]);
    await invalidator.forget([target('b'), target('a')]);
    await invalidator.forget([target('b')]);
    const [first, again, other] = batches.map(({ reference }) => reference);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('asks in batches of a thousand, and not at all about nothing', async () => {
    await invalidator.forget(Array.from({ length: 2001 }, (_, index) => target(`k${index}`)));
    expect(batches.map(({ paths }) => paths.length)).toEqual([1000, 1000, 1]);
    expect(new Set(batches.map(({ reference }) => reference)).size).toBe(3);
    await invalidator.forget([]);
    expect(batches).toHaveLength(3);
  });

  test('names what begins alike with a star at the end, and asks for the same again', async () => {
    await invalidator.forgetBelow(['dir/a b', 'dir/50*50', '']);
    await invalidator.forgetBelow(['dir/a b', 'dir/50*50', '']);
    const [first, again] = batches;
    expect(first?.paths).toEqual(['/dir/a%20b*', '/dir/50*', '/*']);
    expect(again?.paths).toEqual(first?.paths);
    expect(again?.reference).not.toBe(first?.reference);
    await invalidator.forgetBelow([]);
    expect(batches).toHaveLength(2);
  });
});

describe('its configuration', () => {
  const load = (environment: Record<string, string>) =>
    loadWorkerConfig(workerEnvironment(environment));

  test('is optional', () => {
    expect(load({}).CLOUDFRONT_DISTRIBUTION_ID).toBeUndefined();
    expect(load({ CLOUDFRONT_DISTRIBUTION_ID: ' EDFDVBD632BHDS5 ' })).toMatchObject({
      CLOUDFRONT_DISTRIBUTION_ID: 'EDFDVBD632BHDS5',
    });
  });

  test.each([
    ['CLOUDFRONT_DISTRIBUTION_ID', 'd111.cloudfront.net', 'must be the id of a distribution'],
    ['AWS_ENDPOINT_URL_CLOUDFRONT', 'cloudfront', 'must be a URL that starts with http://'],
    ['DELETION_SWEEP_CRON', 'often', 'must be off or a cron expression'],
  ])('%s=%s %s', (name, value, problem) => {
    expect(() => load({ [name]: value })).toThrow(ConfigError);
    expect(() => load({ [name]: value })).toThrow(`${name} ${problem}`);
  });
});
