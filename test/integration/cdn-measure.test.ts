import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runMeasureCommand } from '../../scripts/cdn-measure/command.ts';
import { probe } from '../../scripts/cdn-measure/probe.ts';
import { percentile, ratios, summarise } from '../../scripts/cdn-measure/summary.ts';
import type { Edge } from '../../src/local/edge/server.ts';
import {
  createTestKey,
  type FakeOrigin,
  picture,
  servePicture,
  signUrl,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';
import { listenOnAnyPort } from '../support/tcp-proxy.ts';

const key = createTestKey('K1', 'ec');
let origin: FakeOrigin;
let edge: Edge;
/** The picture as it is at S3, without an edge in front. */
let bare: http.Server;
let bareUrl: string;
const bareRequests: string[] = [];

beforeAll(async () => {
  origin = await startFakeOrigin();
  bare = http.createServer((request, response) => {
    bareRequests.push(request.url ?? '');
    response.writeHead(200, { 'Content-Length': picture.length }).end(picture);
  });
  bareUrl = `http://127.0.0.1:${await listenOnAnyPort(bare)}/media/a?X-Amz-Signature=SECRET`;
});
beforeEach(async () => {
  await edge?.close();
  origin.handle = servePicture;
  origin.requests.length = 0;
  bareRequests.length = 0;
  edge = await startTestEdge(origin, [key]);
});
afterAll(async () => {
  await edge.close();
  await origin.stop();
  const closed = once(bare, 'close');
  bare.close();
  bare.closeAllConnections();
  await closed;
});

/** Runs the command without a process around it. */
async function run(argv: string[], signal = new AbortController().signal) {
  let stdout = '';
  let stderr = '';
  const status = await runMeasureCommand(
    argv,
    {
      stdin: process.stdin,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      signal,
    },
    '/nowhere',
  );
  return { status, stdout, stderr };
}

function signed(expiresInSeconds = 600): string {
  const expires = Math.floor(Date.now() / 1000) + expiresInSeconds;
  return signUrl(`${edge.url}/ingest/a?versionId=1`, expires, key);
}

function publicUrl(): string {
  return `${edge.url}/uploads/wishlist/a?v=1`;
}

async function results(argv: string[]) {
  const { status, stdout } = await run([...argv, '--json']);
  return { status, ...JSON.parse(stdout) };
}

const kinds = (rows: { connection: string; cache: string; samples: number }[]) =>
  rows.map(({ connection, cache, samples }) => `${connection} ${cache} ${samples}`);

describe('npm run cdn:measure', () => {
  test('tells new connections from kept ones and a miss from hits, beside S3', async () => {
    const found = await results([signed(), '--origin', bareUrl, '--samples', '5']);
    expect(found.status).toBe(0);
    const [{ cdn, origin: s3, ratio }] = found.results;
    // One of the requests that are meant for a kept connection opens it.
    expect(kinds(cdn.rows)).toEqual(['new miss 1', 'new hit 5', 'kept hit 5']);
    expect(kinds(s3.rows)).toEqual(['new - 6', 'kept - 5']);
    expect(cdn).toMatchObject({ url: `${edge.url}/ingest/a`, bytes: picture.length });
    expect([cdn.errors, s3.errors]).toEqual([{}, {}]);
    expect(ratio).toEqual({ new: expect.any(Number), kept: expect.any(Number) });
    for (const { first_byte_ms: firstByte, total_ms: total } of [...cdn.rows, ...s3.rows]) {
      expect(firstByte.p50).toBeLessThanOrEqual(firstByte.max);
      expect(firstByte.max).toBeLessThanOrEqual(total.max);
    }
    expect(origin.requests).toHaveLength(1);
  });

  test('prints a table without any query', async () => {
    const { status, stdout } = await run([signed(), '--origin', bareUrl, '--samples', '2']);
    expect(status).toBe(0);
    expect(stdout).toContain(`${edge.url}/ingest/a (${picture.length} bytes)\n`);
    expect(stdout).toMatch(/^ {2}kept {8}hit {12}2( +\d+\.\d){8}$/m);
    expect(stdout).toMatch(/^ {6}p50 of its parts: name 0, TCP \S+, TLS 0, wait \S+$/m);
    expect(stdout).toMatch(/^CDN \/ S3, first byte, p50, by connection: new \S+, kept \S+$/m);
    expect(stdout).not.toMatch(/Signature|SECRET|\?/);
  });

  test('--miss makes every request a miss, and leaves the URL of S3 alone', async () => {
    const { status, results: found } = await results([
      publicUrl(),
      '--origin',
      bareUrl,
      '--miss',
      '--samples',
      '3',
      '--target',
      '60000',
    ]);
    expect(kinds(found[0].cdn.rows)).toEqual(['new miss 4', 'kept miss 3']);
    expect(origin.requests).toHaveLength(7);
    expect(new Set(bareRequests)).toEqual(new Set(['/media/a?X-Amz-Signature=SECRET']));
    // A target is for what the CDN serves by itself; this shows nothing of it.
    expect(status).toBe(1);
  });

  test('refusals and a server that is not there are counted, and fail the run', async () => {
    const away = 'http://127.0.0.1:1/a';
    const found = await results([signed(-1), away, publicUrl(), '--samples', '2']);
    expect(found.status).toBe(1);
    expect(
      found.results.map(({ cdn }: { cdn: { rows: []; errors: object } }) => [
        cdn.rows.length > 0,
        cdn.errors,
      ]),
    ).toEqual([
      [false, { 403: 5 }],
      [false, { ECONNREFUSED: 5 }],
      [true, {}],
    ]);
    const { stdout } = await run([away, '--samples', '2']);
    expect(stdout).toBe('http://127.0.0.1:1/a\n  failed: 5 x ECONNREFUSED\n');
  });

  test('an answer that breaks off is a failure, not a fast one', async () => {
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 5), () => response.destroy());
    };
    const { results: found } = await results([publicUrl(), '--samples', '1']);
    expect(found[0].cdn).toMatchObject({ rows: [], errors: { ECONNRESET: 3 } });
  });

  test('--concurrency has so many requests under way, and no more', async () => {
    let atOnce = 0;
    let most = 0;
    origin.handle = (request, response) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      // Answered once as many wait as are let through, so that fewer would wait for ever.
      setImmediate(function answer() {
        if (most < 3) setImmediate(answer);
        else {
          atOnce -= 1;
          servePicture(request, response);
        }
      });
    };
    const argv = [publicUrl(), '--miss', '--samples', '6', '--concurrency', '3'];
    const { status, results: found } = await results(argv);
    expect(status).toBe(0);
    expect(most).toBe(3);
    const total = found[0].cdn.rows.reduce(
      (sum: number, row: { samples: number }) => sum + row.samples,
      0,
    );
    expect(total).toBe(15);
  });

  test('a server that closes its connections has no kept ones', async () => {
    const closing = http.createServer((_request, response) => {
      response.writeHead(200, { Connection: 'close', 'X-Amz-Cf-Pop': 'FRA56-P5' }).end('x');
    });
    const url = `http://127.0.0.1:${await listenOnAnyPort(closing)}/a`;
    const { results: found } = await results([url, '--samples', '2']);
    expect(kinds(found[0].cdn.rows)).toEqual(['new - 5']);
    expect(found[0].cdn.edges).toEqual(['FRA56-P5']);
    const closed = once(closing, 'close');
    closing.close();
    await closed;
  });

  test('Ctrl-C ends it with what there is', async () => {
    const interrupted = new AbortController();
    let answered = 0;
    origin.handle = (request, response) => {
      answered += 1;
      if (answered <= 2) servePicture(request, response);
      else interrupted.abort();
    };
    const { status, stdout, stderr } = await run(
      [publicUrl(), publicUrl(), '--miss', '--json'],
      interrupted.signal,
    );
    expect(status).toBe(130);
    expect(stderr).toBe('Interrupted: these are the samples up to now.\n');
    const { results: found } = JSON.parse(stdout);
    expect(found).toHaveLength(1);
    expect(kinds(found[0].cdn.rows)).toEqual(['new miss 2']);
    expect(found[0].cdn.errors).toEqual({});
  });

  test.each([
    [['--samples', '0', 'http://a/'], '--samples takes a whole number from 1 to 1000'],
    [['--concurrency', '51', 'http://a/'], '--concurrency takes a whole number from 1 to 50'],
    [['--target', 'soon', 'http://a/'], '--target takes a whole number from 1 to 60000'],
    [['ftp://a/?SECRET'], 'URL must start with http:// or https://'],
    [['http://a/', '--origin', 'SECRET'], '--origin must start with http:// or https://'],
    [['http://a/', '--origin', 'http://b/', '--origin', 'http://c/'], 'give one --origin for each'],
    [['--miss', 'http://a/?Signature=SECRET'], '--miss needs URLs of public pictures'],
  ])('%j is wrong usage', async (argv, problem) => {
    const { status, stdout, stderr } = await run(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain('SECRET');
  });

  test('without URLs it needs a stack, and says so', async () => {
    const { status, stderr } = await run([]);
    expect(status).toBe(1);
    expect(stderr).toContain('no stack is running here; start it with: npm start');
  });

  test('as a process', async () => {
    const script = path.resolve(import.meta.dirname, '../../scripts/cdn-measure.ts');
    const stdout = await new Promise<string>((resolve, reject) => {
      const args = [script, publicUrl(), '--samples', '1', '--target', '30000'];
      execFile(process.execPath, args, (error, text) => (error ? reject(error) : resolve(text)));
    });
    expect(stdout).toMatch(/^ {2}kept .+ within the target$/m);
  });
});

test('over TLS, the handshake is a part of its own', async () => {
  // A shared key in place of certificates.
  const tls = { ciphers: 'PSK-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' } as const;
  const psk = Buffer.alloc(32, 1);
  const server = https.createServer({ ...tls, pskCallback: () => psk }, (_request, response) => {
    response.end('x');
  });
  const url = new URL(`https://127.0.0.1:${await listenOnAnyPort(server)}/`);
  const agent = new https.Agent({
    ...tls,
    keepAlive: true,
    pskCallback: () => ({ psk, identity: 'probe' }),
    checkServerIdentity: () => undefined,
  });
  const { signal } = new AbortController();
  try {
    const first = await probe(url, agent, signal);
    const second = await probe(url, agent, signal);
    expect(first).toMatchObject({ connection: 'new', bytes: 1 });
    expect(second).toMatchObject({ connection: 'kept', parts: { dnsMs: 0, tcpMs: 0, tlsMs: 0 } });
    if ('reason' in first) throw new Error(first.reason);
    const { dnsMs, tcpMs, tlsMs, waitMs } = first.parts;
    expect(tlsMs).toBeGreaterThan(0);
    expect(dnsMs + tcpMs + tlsMs + waitMs).toBeCloseTo(first.firstByteMs, 6);
  } finally {
    agent.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
});

describe('the numbers', () => {
  const sample = (connection: 'new' | 'kept', cache: 'hit' | 'miss', firstByteMs: number) => ({
    connection,
    cache,
    bytes: 1,
    edge: null,
    firstByteMs,
    totalMs: firstByteMs + 1,
    parts: { dnsMs: 1, tcpMs: 2, tlsMs: 3, waitMs: firstByteMs - 6 },
  });

  test('percentiles are values that were measured', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([50, 90, 99, 100].map((percent) => percentile(values, percent))).toEqual([
      50, 90, 99, 100,
    ]);
    expect(percentile([7], 50)).toBe(7);
    expect(percentile([1, 2, 3], 90)).toBe(3);
  });

  test('nine in ten first bytes have to reach the target, misses aside', () => {
    const url = new URL('https://cdn.test/a');
    const hits = [10, 10, 10, 10, 10, 10, 10, 10, 10, 900].map((ms) => sample('kept', 'hit', ms));
    const slow = [100, 101].map((ms) => sample('new', 'hit', ms));
    const samples = [...hits, ...slow, sample('new', 'miss', 500)];
    const judge = (target: number) =>
      summarise(url, { samples, failures: [] }, target).rows.map((row) => row.within_target);
    expect(judge(101)).toEqual([null, true, true]);
    expect(judge(100)).toEqual([null, false, true]);
    expect(judge(9)).toEqual([null, false, false]);
  });

  test('the ratio is that of hits where there are any', () => {
    const url = new URL('https://cdn.test/a');
    const cdn = [sample('new', 'miss', 400), sample('new', 'hit', 50)];
    const s3 = [sample('new', 'miss', 200)];
    const of = (samples: typeof cdn) => summarise(url, { samples, failures: [] }, undefined);
    expect(ratios(of(cdn), of(s3))).toEqual({ new: 0.25 });
  });
});
