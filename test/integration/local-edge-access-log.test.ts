import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeValue, FIELDS, formatLine } from '../../src/local/edge/access-log/fields.ts';
import type { Edge, EdgeOptions } from '../../src/local/edge/server.ts';
import { eventually } from '../support/eventually.ts';
import {
  createTestKey,
  type FakeOrigin,
  picture,
  refuse,
  send,
  servePicture,
  signUrl,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const NOW = Date.UTC(2026, 1, 22, 10, 4, 5, 678);
const key = createTestKey('K1', 'ec');
let origin: FakeOrigin;
let edge: Edge;
let directory: string;
let problems: unknown[] = [];

async function startLogging(overrides: Partial<EdgeOptions> = {}): Promise<void> {
  problems = [];
  edge = await startTestEdge(origin, [key], {
    accessLogFile: path.join(directory, 'logs/edge-access.log'),
    now: () => NOW,
    onProblem: (error) => problems.push(error),
    ...overrides,
  });
}

/** The log's entries, by field; closes the edge, which writes what is not written yet. */
async function entries(name = 'edge-access.log'): Promise<Record<string, string>[]> {
  await edge.close();
  const text = await readFile(path.join(directory, 'logs', name), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const [version, fields = '', ...lines] = text.slice(0, -1).split('\n');
  expect(version).toBe('#Version: 1.0');
  expect(fields).toBe(`#Fields: ${FIELDS.join(' ')}`);
  return lines.map((line) => {
    const values = line.split('\t');
    expect(values).toHaveLength(33);
    return Object.fromEntries(FIELDS.map((field, index) => [field, values[index] ?? '']));
  });
}

/** Waits for a line about a path: the edge notices by itself that a viewer is gone. */
async function logged(text: string): Promise<void> {
  await eventually(async () => {
    const file = path.join(directory, 'logs/edge-access.log');
    expect(await readFile(file, 'utf8')).toContain(text);
  });
}

describe('the access log of the local edge', () => {
  beforeAll(async () => {
    origin = await startFakeOrigin();
  });
  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'edge-access-log-'));
    origin.handle = servePicture;
    await startLogging();
  });
  afterEach(async () => {
    await edge.close();
    await rm(directory, { recursive: true });
  });
  afterAll(() => origin.stop());

  test('has the documented fields, filled as documented', async () => {
    const url = signUrl(`${edge.url}/ingest/a%20b?versionId=1`, Math.floor(NOW / 1000) + 60, key);
    await send(url, {
      headers: {
        'user-agent': 'Mozilla/5.0 (X11; "quoted")',
        referer: 'https://gallery.test/?page=2',
        cookie: 'session=secret',
        'x-forwarded-for': '192.0.2.1',
      },
    });
    await send(url, { headers: { range: 'bytes=3-6' } });
    const host = new URL(edge.url).host;
    const [miss, hit] = await entries();
    expect(miss).toEqual({
      date: '2026-02-22',
      time: '10:04:05',
      'x-edge-location': 'LOCAL1',
      'sc-bytes': expect.stringMatching(/^\d+$/),
      'c-ip': '127.0.0.1',
      'cs-method': 'GET',
      'cs(Host)': host,
      'cs-uri-stem': '/ingest/a%2520b',
      'sc-status': '200',
      'cs(Referer)': 'https://gallery.test/?page=2',
      'cs(User-Agent)': 'Mozilla/5.0%20(X11;%20%22quoted%22)',
      'cs-uri-query': `versionId=1&Expires=${Math.floor(NOW / 1000) + 60}&Signature=REDACTED&Key-Pair-Id=K1`,
      'cs(Cookie)': '-',
      'x-edge-result-type': 'Miss',
      'x-edge-request-id': expect.stringMatching(/^[\w-]+==$/),
      'x-host-header': host,
      'cs-protocol': 'http',
      'cs-bytes': expect.stringMatching(/^\d+$/),
      'time-taken': expect.stringMatching(/^\d+\.\d{3}$/),
      'x-forwarded-for': '192.0.2.1',
      'ssl-protocol': '-',
      'ssl-cipher': '-',
      'x-edge-response-result-type': 'Miss',
      'cs-protocol-version': 'HTTP/1.1',
      'fle-status': '-',
      'fle-encrypted-fields': '-',
      'c-port': expect.stringMatching(/^\d+$/),
      'time-to-first-byte': expect.stringMatching(/^\d+\.\d{3}$/),
      'x-edge-detailed-result-type': 'Miss',
      'sc-content-type': 'image/gif',
      'sc-content-len': String(picture.length),
      'sc-range-start': '-',
      'sc-range-end': '-',
    });
    expect(Number(miss?.['sc-bytes'])).toBeGreaterThan(picture.length);
    expect(Number(miss?.['time-to-first-byte'])).toBeLessThanOrEqual(Number(miss?.['time-taken']));
    expect(hit).toMatchObject({
      'sc-status': '206',
      'x-edge-result-type': 'Hit',
      'sc-content-len': '4',
      'sc-range-start': '3',
      'sc-range-end': '6',
    });
  });

  test('a signature is in no line, however its parameter is written, the Referer included', async () => {
    const secret = 'SECRETSECRET';
    for (const name of ['Signature', 'signature', '%53ignature', 'X-Amz-Signature']) {
      const query = `Key-Pair-Id=K1&${name}=${secret}`;
      await send(`${edge.url}/ingest/a?${query}`, {
        headers: { referer: `https://cdn.test/ingest/b?${query}` },
      });
    }
    const found = await entries();
    expect(found).toHaveLength(4);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  test('what is refused, missing or fails at the origin is an Error with its status', async () => {
    await send(`${edge.url}/private`);
    await send(`${edge.url}/uploads/wishlist/a`, { method: 'DELETE' });
    origin.handle = refuse(404, 'NoSuchKey');
    await send(`${edge.url}/uploads/wishlist/b`);
    await origin.stop();
    await send(`${edge.url}/uploads/wishlist/c`);
    await origin.restart();
    expect(
      (await entries()).map((entry) => [
        entry['cs-method'],
        entry['sc-status'],
        entry['x-edge-result-type'],
      ]),
    ).toEqual([
      ['GET', '403', 'Error'],
      ['DELETE', '403', 'Error'],
      ['GET', '404', 'Error'],
      ['GET', '502', 'Error'],
    ]);
  });

  test('bytes are those of one request, on a connection that is kept', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (const name of ['first', 'second']) {
      const request = http.get(`${edge.url}/uploads/wishlist/${name}`, { agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      for await (const _chunk of response);
    }
    agent.destroy();
    const [first, second] = await entries();
    expect(second?.['c-port']).toBe(first?.['c-port']);
    expect(Number(second?.['cs-bytes'])).toBe(Number(first?.['cs-bytes']) + 1);
    expect(second?.['sc-bytes']).toBe(first?.['sc-bytes']);
  });

  test('a viewer who hangs up before and in the middle of the answer', async () => {
    const early = http.get(`${edge.url}/uploads/wishlist/early`, { agent: false });
    early.on('error', () => {});
    await new Promise<void>((resolve) => {
      origin.handle = () => resolve();
    });
    early.destroy();
    await logged('/early');

    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 10));
    };
    const leaver = http.get(`${edge.url}/uploads/wishlist/half`, { agent: false });
    const [half] = (await once(leaver, 'response')) as [http.IncomingMessage];
    half.on('error', () => {});
    await once(half, 'data');
    half.destroy();
    await logged('/half');
    const found = await entries();
    expect(
      found.map((entry) => [
        entry['sc-status'],
        entry['x-edge-response-result-type'],
        entry['x-edge-detailed-result-type'],
      ]),
    ).toEqual([
      ['000', 'Error', 'ClientCommError'],
      ['200', 'Error', 'ClientCommError'],
    ]);
  });

  test('is put aside at its size, keeps one file of the past, and goes on after a restart', async () => {
    const maxAccessLogBytes = 2_000;
    const file = path.join(directory, 'logs/edge-access.log');
    for (let run = 0; run < 3; run += 1) {
      await edge.close();
      await startLogging({ maxAccessLogBytes });
      for (let request = 0; request < 10; request += 1) {
        await send(`${edge.url}/uploads/wishlist/run-${run}-${request}`);
        // Line by line: what waits for a slow disk is written in one go, of any size.
        await logged(`run-${run}-${request}`);
      }
    }
    const current = await entries();
    const before = await entries('edge-access.log.1');
    expect(await readdir(path.dirname(file))).toEqual(['edge-access.log', 'edge-access.log.1']);
    expect(current.at(-1)?.['cs-uri-stem']).toBe('/uploads/wishlist/run-2-9');
    const stems = [...before, ...current].map((entry) => entry['cs-uri-stem']);
    expect(stems).toEqual([...new Set(stems)]);
    for (const name of [file, `${file}.1`]) {
      const { size, mode } = await stat(name);
      expect(size).toBeLessThan(2 * maxAccessLogBytes);
      expect(mode & 0o777).toBe(0o600);
    }
    expect(problems).toEqual([]);
  });

  test('a disk that refuses costs no viewer anything, and is reported', async () => {
    await edge.close();
    const blocked = path.join(directory, 'blocked');
    await writeFile(blocked, 'a file stands where the directory should be');
    await startLogging({ accessLogFile: path.join(blocked, 'edge-access.log') });
    expect((await send(`${edge.url}/uploads/wishlist/a`)).status).toBe(200);
    await eventually(() => expect(problems).toHaveLength(1));
    expect((await send(`${edge.url}/uploads/wishlist/a`)).status).toBe(200);
    await edge.close();
    expect(problems).toHaveLength(1);
  });
});

test('values are encoded as the reference says, and nothing gets out of its field', () => {
  expect(encodeValue('\t\n \x7f<>"#%{}|\\^~[]`\'é')).toBe(
    '%09%0A%20%7F%3C%3E%22%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%C3%A9',
  );
  expect(encodeValue('aZ09-_.!*();:@&=+$,/?')).toBe('aZ09-_.!*();:@&=+$,/?');
  expect(formatLine({ 'cs-method': 'a\tb\nc' }).split('\t')).toHaveLength(33);
});
