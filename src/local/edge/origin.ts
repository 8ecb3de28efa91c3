import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

export interface OriginOptions {
  /** S3 path-style base of the bucket, `http://127.0.0.1:4002/media`. */
  originUrl: string;
  region: string;
  originCredentials: { accessKeyId: string; secretAccessKey: string };
  /** How long the origin may stay silent, in milliseconds. */
  timeoutMs: number;
  now: () => number;
}

export interface OriginRequest {
  /** Decoded: `/` and the object key. */
  path: string;
  versionId?: string;
  ifNoneMatch?: string;
  range?: string;
}

export interface Origin {
  /** Resolves with the headers, whatever the status; the body is to be read or destroyed. */
  get(request: OriginRequest): Promise<http.IncomingMessage>;
  /** Cuts every connection, busy ones included. */
  close(): void;
}

/** The origin stayed silent for too long. */
export class OriginTimeoutError extends Error {
  override name = 'OriginTimeoutError';
}

const EMPTY_PAYLOAD_SHA256 = createHash('sha256').digest('hex');

/** RFC 3986: everything but the unreserved characters, also those `encodeURIComponent` leaves. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * Signs a GET without body (AWS "Authenticating Requests: Using the Authorization Header (AWS
 * Signature Version 4)"). S3 encodes each path segment once, where other services encode twice.
 */
function signedHeaders(
  target: { host: string; path: string; query: string },
  { region, originCredentials }: OriginOptions,
  now: number,
): Record<string, string> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const canonicalRequest = [
    'GET',
    target.path,
    target.query,
    `host:${target.host}`,
    `x-amz-content-sha256:${EMPTY_PAYLOAD_SHA256}`,
    `x-amz-date:${time}`,
    '',
    names,
    EMPTY_PAYLOAD_SHA256,
  ].join('\n');
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${originCredentials.secretAccessKey}`,
  );
  const signature = hmac(signingKey, ['AWS4-HMAC-SHA256', time, scope, digest].join('\n'));
  return {
    host: target.host,
    'x-amz-content-sha256': EMPTY_PAYLOAD_SHA256,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${originCredentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature.toString('hex')}`,
  };
}

/** Reads objects of one bucket, as CloudFront's origin access control does. */
export function createOrigin(options: OriginOptions): Origin {
  const base = new URL(options.originUrl);
  const bucketPath = base.pathname.replace(/\/$/, '');
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true });
  let closed = false;

  function send(request: OriginRequest, isRetry: boolean): Promise<http.IncomingMessage> {
    const path = bucketPath + request.path.split('/').map(encode).join('/');
    const query = request.versionId === undefined ? '' : `versionId=${encode(request.versionId)}`;
    const headers = signedHeaders({ host: base.host, path, query }, options, options.now());
    if (request.ifNoneMatch !== undefined) headers['if-none-match'] = request.ifNoneMatch;
    if (request.range !== undefined) headers.range = request.range;

    return new Promise((resolve, reject) => {
      const outgoing = transport.request({
        agent,
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port || (base.protocol === 'https:' ? 443 : 80),
        path: query ? `${path}?${query}` : path,
        headers,
        timeout: options.timeoutMs,
      });
      outgoing.on('timeout', () => {
        outgoing.destroy(new OriginTimeoutError(`No byte in ${options.timeoutMs} ms`));
      });
      let answered = false;
      outgoing.on('response', (response) => {
        answered = true;
        resolve(response);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The origin closed a kept-alive connection just as it was used again: not a failure yet.
        const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET';
        if (isStale && !answered && !isRetry && !closed) {
          resolve(send(request, true));
        } else {
          reject(error);
        }
      });
      outgoing.end();
    });
  }

  return {
    get: (request) => send(request, false),
    close() {
      closed = true;
      agent.destroy();
    },
  };
}
