import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type LocalS3, type LocalS3Options, startLocalS3 } from '../../src/local/s3/server.ts';

export const CREDENTIALS = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' };
export const REGION = 'eu-central-1';
export const BUCKET = 'media-input';
export const VERSIONED = 'media-versioned';

export interface TestS3 {
  readonly s3: () => LocalS3;
  readonly dataDir: string;
  /** What the stack's log would have got. */
  readonly problems: unknown[];
  /** A client of the real SDK; destroyed by `stop`. */
  client(config?: S3ClientConfig): S3Client;
  restart(overrides?: Partial<LocalS3Options>): Promise<void>;
  stop(): Promise<void>;
}

/** A local S3 in a new folder with two buckets, one of them versioned. */
export async function startTestS3(overrides: Partial<LocalS3Options> = {}): Promise<TestS3> {
  const dataDir = await mkdtemp(join(tmpdir(), 'local-s3-'));
  const problems: unknown[] = [];
  const clients: S3Client[] = [];

  async function start(more: Partial<LocalS3Options> = {}): Promise<LocalS3> {
    const started = await startLocalS3({
      dataDir,
      port: 0,
      region: REGION,
      credentials: CREDENTIALS,
      corsOrigins: ['http://localhost:3000'],
      onProblem: (error) => problems.push(error),
      ...overrides,
      ...more,
    });
    await started.createBucket(BUCKET);
    await started.createBucket(VERSIONED, { versioned: true });
    return started;
  }

  let s3 = await start().catch(async (error: unknown) => {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  });
  return {
    s3: () => s3,
    dataDir,
    problems,
    client: (config = {}) => {
      const client = new S3Client({
        endpoint: s3.url,
        region: REGION,
        forcePathStyle: true,
        credentials: CREDENTIALS,
        maxAttempts: 1,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        ...config,
      });
      clients.push(client);
      return client;
    },
    restart: async (more) => {
      await s3.close();
      s3 = await start(more);
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await s3.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Status and S3 error code, as `403 AccessDenied`; `200` where there is no error body. */
export async function outcome(response: Response): Promise<string> {
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1];
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}

/** The same for a call of the SDK. */
export async function sdkOutcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata = '$metadata' in error ? error.$metadata : undefined;
    const status =
      typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? metadata.httpStatusCode
        : 'none';
    return `${String(status)} ${error.name}`;
  }
}

const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

export function signingKeyFor(day: string, region = REGION): Buffer {
  const secret = `AWS4${CREDENTIALS.secretAccessKey}`;
  return hmac(hmac(hmac(hmac(secret, day), region), 's3'), 'aws4_request');
}

export function timestampOf(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

export interface RawRequest {
  readonly method: string;
  /** Path and query, as they are sent; the query must be in canonical form. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Signs by hand, so that a test can send what the SDK never would. */
export function signedHeaders(
  url: string,
  request: RawRequest,
  change: { time?: number; region?: string; service?: string; accessKeyId?: string } = {},
): Record<string, string> {
  const timestamp = timestampOf(change.time ?? Date.now());
  const day = timestamp.slice(0, 8);
  const region = change.region ?? REGION;
  const scope = `${day}/${region}/${change.service ?? 's3'}/aws4_request`;
  const headers: Record<string, string> = {
    host: new URL(url).host,
    'x-amz-content-sha256': sha256(request.body ?? ''),
    'x-amz-date': timestamp,
    ...request.headers,
  };
  const names = Object.keys(headers).sort();
  const [path = '', query = ''] = request.path.split('?');
  const canonical = [
    request.method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    headers['x-amz-content-sha256'],
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  const signature = hmac(signingKeyFor(day, region), text).toString('hex');
  const credential = `${change.accessKeyId ?? CREDENTIALS.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

/** Sends exactly this request line and these headers: fetch would tidy them up first. */
export function sendRaw(
  url: string,
  request: RawRequest,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = httpRequest(
      { hostname, port, method: request.method, path: request.path, headers: request.headers },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (chunk: Buffer) => parts.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(request.body);
  });
}

export function rawOutcome(answer: { status: number; body: string }): string {
  const code = /<Code>(.*?)<\/Code>/.exec(answer.body)?.[1];
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
}

/** Signs by hand and sends. */
export async function sendSigned(
  url: string,
  request: RawRequest,
  change: Parameters<typeof signedHeaders>[2] = {},
): Promise<string> {
  return rawOutcome(
    await sendRaw(url, { ...request, headers: signedHeaders(url, request, change) }),
  );
}

export type PolicyCondition = Record<string, string> | readonly (string | number)[];

export interface PostForm {
  readonly key: string;
  readonly conditions?: readonly PolicyCondition[];
  readonly fields?: Readonly<Record<string, string>>;
  readonly expiresInSeconds?: number;
  /** Milliseconds. */
  readonly time?: number;
}

/** The fields of a presigned POST, made by hand (AWS docs, "Browser-Based Uploads Using POST"). */
export function postFields(form: PostForm): Record<string, string> {
  const time = form.time ?? Date.now();
  const timestamp = timestampOf(time);
  const day = timestamp.slice(0, 8);
  const proof = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${CREDENTIALS.accessKeyId}/${day}/${REGION}/s3/aws4_request`,
    'x-amz-date': timestamp,
  };
  const policy = {
    expiration: new Date(time + (form.expiresInSeconds ?? 60) * 1000).toISOString(),
    conditions: [
      ...(form.conditions ?? [{ key: form.key }, { bucket: BUCKET }]),
      ...Object.entries(proof).map(([name, value]) => ({ [name]: value })),
    ],
  };
  const encoded = Buffer.from(JSON.stringify(policy)).toString('base64');
  return {
    key: form.key,
    ...form.fields,
    ...proof,
    policy: encoded,
    'x-amz-signature': hmac(signingKeyFor(day), encoded).toString('hex'),
  };
}

export function formData(
  fields: Readonly<Record<string, string>>,
  file: Blob | undefined,
  fileName = 'cat.png',
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', file, fileName);
  return form;
}
