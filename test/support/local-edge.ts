import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { type EdgeOptions, startEdge } from '../../src/local/edge/server.ts';

export const originCredentials = { accessKeyId: 'AKIDEDGE', secretAccessKey: 'edge-secret' };
export const region = 'eu-central-1';

/** A key pair as an operator has it: the private key as PEM, and parsed. */
export interface TestKey {
  id: string;
  publicPem: string;
  privatePem: string;
  privateKey: KeyObject;
}

export function createTestKey(id: string, type: 'rsa' | 'ec'): TestKey {
  const { publicKey, privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    id,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
  };
}

const replacements: Record<string, string> = { '+': '-', '=': '_', '/': '~' };

export function cloudFrontBase64(bytes: Buffer | string): string {
  const base64 = Buffer.from(bytes).toString('base64');
  return base64.replace(/[+=/]/g, (character) => replacements[character] ?? character);
}

export function signPolicy(policy: string, key: TestKey, hash = 'sha1'): string {
  return cloudFrontBase64(sign(hash, Buffer.from(policy), key.privateKey));
}

function append(url: string, parameters: string[]): string {
  return `${url}${url.includes('?') ? '&' : '?'}${parameters.join('&')}`;
}

/** A second opinion on canned policies, written for the tests alone. `expires` in Unix seconds. */
export function signUrl(
  url: string,
  expires: number | string,
  key: TestKey,
  { hash = 'sha1', extra = [] }: { hash?: string; extra?: string[] } = {},
): string {
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const signature = signPolicy(policy, key, hash);
  return append(url, [
    `Expires=${expires}`,
    `Signature=${signature}`,
    `Key-Pair-Id=${key.id}`,
    ...extra,
  ]);
}

export function signWithPolicy(url: string, policy: unknown, key: TestKey): string {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  return append(url, [
    `Policy=${cloudFrontBase64(text)}`,
    `Signature=${signPolicy(text, key)}`,
    `Key-Pair-Id=${key.id}`,
  ]);
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

/** Sends exactly the target given: fetch would tidy it up, and does not let one set Host. */
export async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const [, authority = '', target = '/'] = /^https?:\/\/([^/]+)(.*)$/s.exec(url) ?? [];
  const { method = 'GET', headers = {}, body } = options;
  const [hostname, port] = authority.split(':');
  const request = http.request({
    hostname,
    port,
    path: target,
    method,
    headers: { host: authority, ...headers },
    agent: false,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: bytes,
    text: bytes.toString('utf8'),
  };
}

export interface OriginRequestRecord {
  /** Path and query exactly as received. */
  url: string;
  headers: http.IncomingHttpHeaders;
}

export type OriginHandler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface FakeOrigin {
  /** Base of its bucket, "media". */
  url: string;
  requests: OriginRequestRecord[];
  /** What it says; tests replace it. */
  handle: OriginHandler;
  stop(): Promise<void>;
  /** Listens again on the same port. */
  restart(): Promise<void>;
}

/** Recomputes the signature of a request from what arrived; S3 would refuse it when it differs. */
function isSigned(request: http.IncomingMessage): boolean {
  const header =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/((\d{8})\/([\w-]+)\/s3\/aws4_request), SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!header) return false;
  const [, id, scope, day = '', scopeRegion = '', names = '', signature] = header;
  const [path, query = ''] = (request.url ?? '').split('?');
  const canonical = [
    request.method,
    path,
    query,
    ...names.split(';').map((name) => `${name}:${request.headers[name]}`),
    '',
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  let key: string | Buffer = `AWS4${originCredentials.secretAccessKey}`;
  for (const part of [day, scopeRegion, 's3', 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  return (
    id === originCredentials.accessKeyId &&
    scopeRegion === region &&
    names.split(';').includes('host') &&
    signature === createHmac('sha256', key).update(toSign).digest('hex')
  );
}

/** An object store reduced to what the edge sees of it: it demands a signature and says what it is told. */
export async function startFakeOrigin(): Promise<FakeOrigin> {
  let server = http.createServer();
  async function listen(port: number): Promise<number> {
    server = http.createServer((request, response) => {
      origin.requests.push({ url: request.url ?? '', headers: request.headers });
      if (isSigned(request)) origin.handle(request, response);
      else response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : port;
  }
  const origin: FakeOrigin = {
    url: '',
    requests: [],
    handle: servePicture,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async restart() {
      await listen(port);
    },
  };
  const port = await listen(0);
  origin.url = `http://127.0.0.1:${port}/media`;
  return origin;
}

export const picture = Buffer.from('GIF89a, or so it says: 0123456789');
export const pictureHeaders = {
  'Content-Type': 'image/gif',
  ETag: '"picture-1"',
  'Last-Modified': 'Sun, 22 Feb 2026 10:00:00 GMT',
  'Content-Disposition': 'inline; filename="cat.gif"',
  'x-amz-version-id': 'v-1',
};

/** The default answer: one picture, conditional on its ETag, with headers that must not go further. */
export const servePicture: OriginHandler = (request, response) => {
  const headers = {
    ...pictureHeaders,
    'x-amz-request-id': 'SECRET-REQUEST-ID',
    'x-amz-bucket-region': 'SECRET-REGION',
    Server: 'AmazonS3',
  };
  if (request.headers['if-none-match'] === pictureHeaders.ETag) {
    response.writeHead(304, headers).end();
  } else {
    response.writeHead(200, { ...headers, 'Content-Length': picture.length }).end(picture);
  }
};

/** An S3 error, naming what no viewer may see. */
export function refuse(status: number, code: string): OriginHandler {
  return (_request, response) => {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><BucketName>media-secret-bucket</BucketName><Resource>/media-secret-bucket/x</Resource></Error>`;
    response.writeHead(status, { 'Content-Type': 'application/xml' }).end(body);
  };
}

/** An edge in front of `origin` that trusts `keys`; `overrides` win. */
export function startTestEdge(
  origin: FakeOrigin,
  keys: readonly TestKey[],
  overrides: Partial<EdgeOptions> = {},
) {
  return startEdge({
    port: 0,
    originUrl: origin.url,
    region,
    originCredentials,
    publicKeys: new Map(keys.map((key) => [key.id, key.publicPem])),
    corsOrigins: ['http://gallery.test'],
    ...overrides,
  });
}
