import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_HEADERS, startTestApi, type TestApi } from '../support/api.ts';

const PATH = '/api/image/v1/ingest/create-presigned-url';
const BODY = JSON.stringify({ content_type: 'image/png', file_name: 'ä.png' });

describe('request bodies', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  /** Bytes rather than text, so that fetch adds no Content-Type of its own. */
  function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return api.send(PATH, { method: 'POST', headers, body: bytes });
  }

  test.each<[string, Record<string, string>]>([
    ['no Content-Type', {}],
    ['text/plain', { 'content-type': 'text/plain' }],
    ["curl's default", { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a charset', { 'content-type': 'application/json; charset=UTF-8' }],
    ['nonsense', { 'content-type': ';;' }],
  ])('JSON is read as JSON with %s', async (_what, headers) => {
    expect((await post(BODY, headers)).status).toBe(201);
  });

  test.each([
    '{',
    '{"content_type": "image/png",}',
    "{'content_type': 'image/png'}",
    'content_type=image/png&file_name=a.png',
    '{} {}',
    'undefined',
    '   ',
  ])('%j is malformed JSON', async (body) => {
    const { status, json } = await post(body, JSON_HEADERS);
    expect(status).toBe(400);
    expect(json).toEqual({ message: 'the request body is not valid JSON', code: 'MALFORMED_JSON' });
  });

  test('an empty body with a Content-Type lacks its fields or its object, and is no fault', async () => {
    const { status, json } = await post('', JSON_HEADERS);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  test('a UTF-16 body is read when it says so', async () => {
    const body = new Uint8Array(Buffer.from(`\ufeff${BODY}`, 'utf16le'));
    const headers = { 'content-type': 'application/json; charset=utf-16' };
    expect((await post(body, headers)).status).toBe(201);
  });

  test('a gzip body is unpacked', async () => {
    const { status } = await post(new Uint8Array(gzipSync(BODY)), { 'content-encoding': 'gzip' });
    expect(status).toBe(201);
  });

  test('a body that is not the gzip it claims to be is refused, not a fault', async () => {
    const { status, json } = await post(BODY, { 'content-encoding': 'gzip' });
    expect(status).toBe(400);
    expect(json).toEqual({
      message: 'the request body cannot be read',
      code: 'UNREADABLE_BODY',
    });
  });

  test('a gzip body that ends early is refused, not a fault', async () => {
    const half = new Uint8Array(gzipSync(BODY).subarray(0, 20));
    const { status, json } = await post(half, { 'content-encoding': 'gzip' });
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'UNREADABLE_BODY' });
  });

  test.each<[string, Record<string, string>]>([
    ['Content-Encoding zip', { 'content-encoding': 'zip' }],
    ['charset=latin1', { 'content-type': 'application/json; charset=latin1' }],
    ['charset=utf-99', { 'content-type': 'application/json; charset=utf-99' }],
  ])('%s is not supported', async (_what, headers) => {
    const { status, json } = await post(BODY, headers);
    expect(status).toBe(415);
    expect(json).toEqual({
      message: 'the request body must be JSON in UTF-8',
      code: 'UNSUPPORTED_ENCODING',
    });
  });

  test.each([
    ['sent', (text: string) => post(text)],
    [
      'unpacked',
      (text: string) => post(new Uint8Array(gzipSync(text)), { 'content-encoding': 'gzip' }),
    ],
  ])('over 100 KiB when %s is too large', async (_what, send) => {
    const { status, json } = await send(JSON.stringify({ file_name: 'x'.repeat(200 * 1024) }));
    expect(status).toBe(413);
    expect(json).toEqual({
      message: 'the request body is too large',
      code: 'PAYLOAD_TOO_LARGE',
    });
  });

  test('a prototype in the body is data like any other', async () => {
    const { status } = await post(`{"__proto__": {"content_type": "image/png", "file_name": "a"}}`);
    expect(status).toBe(400);
    expect(Reflect.get({}, 'content_type')).toBeUndefined();
  });

  test('a deeply nested body is refused, not a fault', async () => {
    const { status } = await post(`${'['.repeat(40_000)}${']'.repeat(40_000)}`);
    expect(status).toBe(400);
  });
});
