import { connect } from 'node:net';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalS3 } from '../../src/local/s3/server.ts';
import {
  BUCKET,
  CREDENTIALS,
  outcome,
  REGION,
  rawOutcome,
  sendRaw,
  sendSigned,
  startTestS3,
  type TestS3,
} from '../support/local-s3.ts';

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(async () => {
  await s3.stop();
  expect(s3.problems).toEqual([]);
});

const ORIGIN = 'http://localhost:3000';

describe('CORS', () => {
  const preflight = (headers: Record<string, string>) =>
    fetch(`${s3.s3().url}/${BUCKET}/a`, { method: 'OPTIONS', headers });

  test.each(['GET', 'PUT', 'POST', 'HEAD', 'DELETE'])('a preflight for %s', async (method) => {
    const response = await preflight({
      origin: ORIGIN,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type,if-none-match',
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, PUT, POST, HEAD, DELETE',
      'access-control-allow-headers': 'content-type,if-none-match',
      'access-control-expose-headers': 'ETag, x-amz-version-id, x-amz-request-id',
      'access-control-max-age': '3000',
      'content-length': '0',
    });
    expect(response.headers.get('vary')).toContain('Origin');
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'origin',
      { origin: 'http://evil', 'access-control-request-method': 'PUT' },
      '403 AccessForbidden',
    ],
    [
      'origin null',
      { origin: 'null', 'access-control-request-method': 'PUT' },
      '403 AccessForbidden',
    ],
    ['method', { origin: ORIGIN, 'access-control-request-method': 'PATCH' }, '403 AccessForbidden'],
    ['no method', { origin: ORIGIN }, '400 BadRequest'],
    ['no origin', { 'access-control-request-method': 'PUT' }, '400 BadRequest'],
  ])('a preflight refused: %s', async (_name, headers, expected) => {
    const response = await preflight(headers);
    expect(await outcome(response)).toBe(expected);
    expect(response.headers.get('access-control-allow-methods')).toBeNull();
  });

  test('a page of an allowed origin may read refusals too, others nothing', async () => {
    const url = `${s3.s3().url}/${BUCKET}/a`;
    const allowed = await fetch(url, { headers: { origin: ORIGIN } });
    expect(allowed.status).toBe(403);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(allowed.headers.get('vary')).toBe('Origin');
    const other = await fetch(url, { headers: { origin: 'http://evil' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('vary')).toBe('Origin');
  });

  test('any origin', async () => {
    const open = await startTestS3({ corsOrigins: ['*'] });
    try {
      const response = await fetch(open.s3().url, { headers: { origin: 'http://any' } });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    } finally {
      await open.stop();
    }
  });
});

describe('what this S3 does not do', () => {
  test.each([
    ['POST', `/${BUCKET}/k?uploads=`, '501 NotImplemented'],
    ['PUT', `/${BUCKET}/k?partNumber=1&uploadId=x`, '501 NotImplemented'],
    ['GET', `/${BUCKET}?acl=`, '501 NotImplemented'],
    ['PUT', `/${BUCKET}?policy=`, '501 NotImplemented'],
    ['GET', `/${BUCKET}?uploads=`, '501 NotImplemented'],
    ['PUT', `/${BUCKET}?notification=`, '501 NotImplemented'],
    ['GET', `/${BUCKET}/k?attributes=`, '501 NotImplemented'],
    ['PUT', `/${BUCKET}/k?retention=`, '501 NotImplemented'],
    ['DELETE', `/${BUCKET}`, '501 NotImplemented'],
    ['PATCH', `/${BUCKET}/k`, '405 MethodNotAllowed'],
    ['POST', '/', '405 MethodNotAllowed'],
    ['PUT', `/${BUCKET}/k?versionId=x`, '400 InvalidArgument'],
  ])('%s %s', async (method, path, expected) => {
    expect(await sendSigned(s3.s3().url, { method, path })).toBe(expected);
  });
});

describe('requests that no client of good will sends', () => {
  test.each<[string, Parameters<typeof sendRaw>[1], string]>([
    ['percent signs', { method: 'GET', path: '/%' }, '400 InvalidURI'],
    ['no UTF-8', { method: 'GET', path: `/${BUCKET}/%ff` }, '400 InvalidURI'],
    ['an absolute URL', { method: 'GET', path: 'http://elsewhere/' }, '400 InvalidURI'],
    ['a query twice', { method: 'GET', path: '/?a=1&a=2' }, '400 InvalidArgument'],
    ['proto', { method: 'GET', path: '/__proto__/constructor' }, '403 AccessDenied'],
    ['a key too long', { method: 'GET', path: `/b/${'k'.repeat(1025)}` }, '400 KeyTooLongError'],
    [
      'a huge header',
      { method: 'GET', path: '/', headers: { 'x-amz-meta-a': 'x'.repeat(20_000) } },
      '400 RequestHeaderSectionTooLarge',
    ],
    [
      'a huge URL',
      { method: 'GET', path: `/${'x'.repeat(20_000)}` },
      '400 RequestHeaderSectionTooLarge',
    ],
    [
      'no form',
      { method: 'POST', path: `/${BUCKET}`, headers: { 'content-type': 'multipart/form-data' } },
      '400 MalformedPOSTRequest',
    ],
  ])('%s', async (_name, request, expected) => {
    expect(rawOutcome(await sendRaw(s3.s3().url, request))).toBe(expected);
  });

  async function speak(text: string): Promise<string> {
    const socket = connect(s3.s3().port, '127.0.0.1');
    socket.write(text);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(Buffer.from(part));
    return Buffer.concat(parts).toString();
  }

  test('no HTTP, and two hosts', async () => {
    expect(await speak('hello\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 Bad Request[\s\S]*<Code>BadRequest</,
    );
    const twice = 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n';
    expect(await speak(twice)).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>InvalidRequest</);
  });

  test('the server is well after all that', async () => {
    expect(await sendSigned(s3.s3().url, { method: 'GET', path: '/' })).toBe('200');
  });
});

describe('connections', () => {
  test('a refused PUT of 10 MB gets its answer, many times', async () => {
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'k', ContentType: 'image/png' });
    const url = await getSignedUrl(s3.client(), command, {
      signableHeaders: new Set(['host', 'content-type']),
    });
    const body = Buffer.alloc(10_000_000);
    const headers = { 'content-type': 'text/html' };
    for (let i = 0; i < 8; i += 1) {
      const response = await fetch(url, { method: 'PUT', headers, body });
      expect(await outcome(response)).toBe('403 SignatureDoesNotMatch');
    }
    const { pathname, search } = new URL(url);
    for (let i = 0; i < 8; i += 1) {
      const request = {
        method: 'PUT',
        path: pathname + search,
        headers: { ...headers, 'content-length': String(body.length) },
        body,
      };
      expect(rawOutcome(await sendRaw(url, request))).toBe('403 SignatureDoesNotMatch');
    }
  });

  test('one connection serves a refusal and what comes after it', async () => {
    const socket = connect(s3.s3().port, '127.0.0.1');
    const get = 'GET /media-input/k HTTP/1.1\r\nHost: h\r\n';
    const put = `PUT /media-input/k HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
    // Refused when some of its body has been read, and more is to come.
    const post = `POST /media-input HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`;
    socket.write(`${get}\r\n${put}${post}${get}Connection: close\r\n\r\n`);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(Buffer.from(part));
    const statuses = Buffer.concat(parts)
      .toString()
      .match(/HTTP\/1.1 \d+/g);
    expect(statuses).toEqual([403, 403, 400, 403].map((status) => `HTTP/1.1 ${status}`));
  });

  test('a client that hangs up in the middle of a download is no problem', async () => {
    const client = s3.client();
    const Body = Buffer.alloc(20_000_000);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'long', Body }));
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key: 'long' }));
    const stop = new AbortController();
    const response = await fetch(url, { signal: stop.signal });
    await response.body?.getReader().read();
    stop.abort();
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(20_000_000);
  });

  test('a fault inside says nothing about itself', async () => {
    const broken = await startTestS3();
    try {
      const client = broken.client();
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
      const { rm } = await import('node:fs/promises');
      await rm(`${broken.dataDir}/contents`, { recursive: true });
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
      const response = await fetch(url);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain('<Code>InternalError</Code>');
      expect(text).not.toContain('ENOENT');
      expect(text).not.toContain(broken.dataDir);
      expect(broken.problems).toHaveLength(1);
    } finally {
      await broken.stop();
    }
  });

  test('close ends open downloads, and may be called twice; the port is free again', async () => {
    const other = await startTestS3();
    const client = other.client();
    const Body = Buffer.alloc(20_000_000);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'long', Body }));
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key: 'long' }));
    const response = await fetch(url);
    const { port } = other.s3();
    await Promise.all([other.s3().close(), other.s3().close()]);
    await expect(response.arrayBuffer()).rejects.toThrow();
    await other.restart({ port });
    expect(other.s3().port).toBe(port);
    const taken = startLocalS3({
      dataDir: `${other.dataDir}/other`,
      port,
      region: REGION,
      credentials: CREDENTIALS,
      corsOrigins: [],
    });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await other.stop();
  });
});
