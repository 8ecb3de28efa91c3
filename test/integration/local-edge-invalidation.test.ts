import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type EdgeControl, startEdgeControl } from '../../src/local/edge/control.ts';
import type { Edge } from '../../src/local/edge/server.ts';
import {
  type FakeOrigin,
  originCredentials,
  send,
  servePicture,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const DISTRIBUTION = 'E1TEST';

let origin: FakeOrigin;
let edge: Edge;
let control: EdgeControl;
let cloudfront: CloudFrontClient;
let problems: unknown[];

beforeAll(async () => {
  origin = await startFakeOrigin();
});
beforeEach(async () => {
  problems = [];
  origin.requests.length = 0;
  origin.handle = servePicture;
  edge = await startTestEdge(origin, []);
  control = await startEdgeControl({
    port: 0,
    credentials: originCredentials,
    distributionId: DISTRIBUTION,
    invalidate: edge.invalidate,
    onProblem: (error) => problems.push(error),
  });
  cloudfront = connect();
});
afterEach(async () => {
  cloudfront.destroy();
  await control.close();
  await edge.close();
  expect(problems).toEqual([]);
});
afterAll(() => origin.stop());

function connect(credentials = originCredentials): CloudFrontClient {
  return new CloudFrontClient({ endpoint: control.url, region: 'us-east-1', credentials });
}

const path = (name: string) => `/uploads/wishlist/${name}`;

async function xCache(target: string): Promise<unknown> {
  return (await send(`${edge.url}${target}`)).headers['x-cache'];
}

interface Batch {
  reference?: string;
  quantity?: number;
  distribution?: string;
  client?: CloudFrontClient;
}

function invalidate(paths: string[], batch: Batch = {}) {
  const { reference = paths.join(), quantity = paths.length, distribution = DISTRIBUTION } = batch;
  return (batch.client ?? cloudfront).send(
    new CreateInvalidationCommand({
      DistributionId: distribution,
      InvalidationBatch: {
        CallerReference: reference,
        Paths: { Quantity: quantity, Items: paths },
      },
    }),
  );
}

describe('CreateInvalidation at the local edge', () => {
  test('drops what is meant, and nothing else', async () => {
    const targets = [path('a'), path('a?v=1'), path('ab')];
    for (const target of targets) await xCache(target);
    await invalidate([path('a?v=1')]);
    expect(await Promise.all(targets.map(xCache))).toEqual([
      'Hit from cloudfront',
      'Miss from cloudfront',
      'Hit from cloudfront',
    ]);
    await invalidate([path('a*')]);
    for (const target of targets) expect(await xCache(target)).toBe('Miss from cloudfront');
  });

  test('answers as CloudFront does', async () => {
    const { $metadata, Location, Invalidation } = await invalidate([path('a'), path('b&c')], {
      reference: 'first',
    });
    expect($metadata.httpStatusCode).toBe(201);
    expect(Invalidation).toEqual({
      Id: expect.stringMatching(/^I[A-Z0-9]{13}$/),
      Status: 'Completed',
      CreateTime: expect.any(Date),
      InvalidationBatch: {
        CallerReference: 'first',
        Paths: { Quantity: 2, Items: [path('a'), path('b&c')] },
      },
    });
    expect(Location).toBe(
      `https://cloudfront.amazonaws.com/2020-05-31/distribution/${DISTRIBUTION}/invalidation/${Invalidation?.Id}`,
    );
  });

  test('the same reference is the same invalidation, which is not done again', async () => {
    const first = await invalidate([path('a'), path('b')], { reference: 'x' });
    await xCache(path('a'));
    const again = await invalidate([path('b'), path('a')], { reference: 'x' });
    expect(again.Invalidation?.Id).toBe(first.Invalidation?.Id);
    expect(await xCache(path('a'))).toBe('Hit from cloudfront');
    await expect(invalidate([path('a')], { reference: 'x' })).rejects.toMatchObject({
      name: 'InvalidationBatchAlreadyExists',
    });
  });

  test('what is on its way from the origin meanwhile is not kept', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    origin.handle = (request, response) => {
      arrive();
      void gate.then(() => servePicture(request, response));
    };
    const viewer = send(`${edge.url}${path('slow')}`);
    await arrived;
    await invalidate([path('slow')]);
    // Whoever comes now is not given what was asked for before.
    origin.handle = (_request, response) => response.writeHead(404).end();
    expect((await send(`${edge.url}${path('slow')}`)).status).toBe(404);
    open();
    expect((await viewer).status).toBe(200);
    expect((await send(`${edge.url}${path('slow')}`)).status).toBe(404);
  });

  test('nor what the origin is half-way through', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 4 });
      response.write('ab');
      void gate.then(() => response.end('cd'));
    };
    const begun = await fetch(`${edge.url}${path('half')}`);
    await invalidate([path('half')]);
    open();
    expect(await begun.text()).toBe('abcd');
    origin.handle = (_request, response) => response.writeHead(404).end();
    expect((await send(`${edge.url}${path('half')}`)).status).toBe(404);
  });

  test.each<[string, string[], Batch]>([
    ['InvalidArgument', ['no-slash'], {}],
    ['InvalidArgument', ['/a/*/b'], {}],
    ['InvalidArgument', [], { reference: 'none' }],
    ['InvalidArgument', ['/a'], { reference: '' }],
    ['InconsistentQuantities', ['/a', '/b'], { quantity: 3 }],
    ['NoSuchDistribution', ['/a'], { distribution: 'E1OTHER' }],
    [
      'BatchTooLarge',
      Array.from({ length: 3001 }, (_, index) => `/${index}`),
      { reference: 'many' },
    ],
    [
      'TooManyInvalidationsInProgress',
      Array.from({ length: 16 }, (_, index) => `/${index}*`),
      { reference: 'wild' },
    ],
  ])('%s for %j', async (name, paths, batch) => {
    await xCache(path('a'));
    await expect(invalidate(paths, batch)).rejects.toMatchObject({ name });
    expect(await xCache(path('a'))).toBe('Hit from cloudfront');
  });

  test.each<[string, typeof originCredentials]>([
    ['SignatureDoesNotMatch', { ...originCredentials, secretAccessKey: 'wrong' }],
    ['InvalidClientTokenId', { ...originCredentials, accessKeyId: 'OTHER' }],
  ])('%s for %j', async (name, credentials) => {
    const client = connect(credentials);
    await expect(invalidate(['/a'], { client })).rejects.toMatchObject({ name });
    client.destroy();
  });

  test('nobody manages anything without a signature, nor where viewers come', async () => {
    const route = `/2020-05-31/distribution/${DISTRIBUTION}/invalidation`;
    const unsigned = await send(`${control.url}${route}`, { method: 'POST', body: '<x/>' });
    expect([unsigned.status, unsigned.text]).toEqual([
      403,
      expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    ]);
    expect((await send(`${edge.url}${route}`, { method: 'POST', body: '<x/>' })).status).toBe(403);
  });
});
