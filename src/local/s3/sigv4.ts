import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Headers } from './headers.ts';

/** The arithmetic of AWS Signature Version 4, and nothing about what a request may do. */

export const ALGORITHM = 'AWS4-HMAC-SHA256';

export interface Scope {
  /** yyyymmdd */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly rawPath: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Headers;
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** RFC 3986 encoding: everything but letters, digits and `-._~` (AWS docs, "UriEncode"). */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * AWS docs, "Signature Calculations for the Authorization Header", task 1. S3 encodes the path
 * once, unlike other services, and never normalises it.
 */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const path = uriEncode(decodeURIComponent(request.rawPath)).replaceAll('%2F', '/');
  const query = [...request.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signedHeaders.map((name) => {
    // Node hands out header bytes as Latin-1 characters; signers sign the bytes of UTF-8.
    const value = Buffer.from(request.headers.get(name) ?? '', 'latin1').toString('utf8');
    return `${name}:${value.trim().replace(/\s+/g, ' ')}\n`;
  });
  return [request.method, path, query, headers.join(''), signedHeaders.join(';'), payloadHash].join(
    '\n',
  );
}

export function scopeText(scope: Scope): string {
  return `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
}

/** Task 2; `timestamp` is yyyymmddThhmmssZ. */
export function stringToSign(timestamp: string, scope: Scope, canonical: string): string {
  return [ALGORITHM, timestamp, scopeText(scope), sha256Hex(canonical)].join('\n');
}

let latest: { name: string; key: Buffer } | undefined;

/** Task 3, first half. One key is good for a day of requests, so the latest is kept. */
export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const parts = [scope.day, scope.region, scope.service, 'aws4_request'];
  const name = JSON.stringify([secretAccessKey, ...parts]);
  if (latest?.name !== name) {
    const secret: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
    latest = { name, key: parts.reduce((key, part) => hmac(key, part), secret) };
  }
  return latest.key;
}

/** Task 3, second half: 64 lower-case hex digits. */
export function signature(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex');
}

/** Compares in constant time. */
export function signaturesEqual(expected: string, provided: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(provided);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Milliseconds of a `yyyymmddThhmmssZ` timestamp, undefined for anything else. */
export function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

export function formatTimestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
