/**
 * The leanest program that does the same job as the API over REST: no framework, no log, no checks
 * beyond what the answer needs. This is the limit that the API is measured against.
 */
import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { newImageId } from '../../src/shared/image-ids.ts';
import { answerBench } from './under-test.ts';

const POOL_SIZE = 10;
const CDN_EXPIRY_SECS = 600;
const INGEST_EXPIRY_SECS = 300;

const env = process.env as Record<string, string>;
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: POOL_SIZE });
const privateKey = createPrivateKey(env.CLOUDFRONT_PRIVATE_KEY_PEM ?? '');
const domain = env.CLOUDFRONT_DOMAIN;
const keyPairId = env.CLOUDFRONT_KEY_PAIR_ID;

interface Row {
  id: string;
  object_key: string;
  version_id: string;
}

function find(ids: string[]): Promise<pg.QueryResult<Row>> {
  return pool.query<Row>({
    name: 'find',
    text: `SELECT id, object_key, version_id FROM image_records
           WHERE id = ANY($1) AND status = 'ready'`,
    values: [ids],
  });
}

/** `2026-02-22T10:05:00Z` */
function timestamp(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function toJson({ id, object_key, version_id }: Row, expires: number, expiresAt: string) {
  const url = `${domain}/${object_key}?versionId=${version_id}`;
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const signature = sign('sha1', Buffer.from(policy), privateKey)
    .toString('base64')
    .replace(/[+=/]/g, (character) => (character === '+' ? '-' : character === '=' ? '_' : '~'));
  return {
    image_id: id,
    download_url: `${url}&Expires=${expires}&Key-Pair-Id=${keyPairId}&Signature=${signature}`,
    expires_at: expiresAt,
  };
}

async function serveOne(id: string) {
  const { rows } = await find([id]);
  const expires = Math.floor(Date.now() / 1000) + CDN_EXPIRY_SECS;
  return rows[0] ? toJson(rows[0], expires, timestamp(expires)) : null;
}

async function serveMany(ids: string[]) {
  const { rows } = await find(ids);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const expires = Math.floor(Date.now() / 1000) + CDN_EXPIRY_SECS;
  const expiresAt = timestamp(expires);
  const items = [];
  const notFound = [];
  for (const id of ids) {
    const row = byId.get(id);
    if (row) items.push(toJson(row, expires, expiresAt));
    else notFound.push(id);
  }
  return { items, not_found: notFound };
}

const host = `${env.S3_INPUT_BUCKET}.s3.${env.AWS_REGION}.amazonaws.com`;
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();
let signingKey: { date: string; scope: string; key: Buffer } = {
  date: '',
  scope: '',
  key: hmac('', ''),
};

function signingKeyOf(date: string): typeof signingKey {
  if (signingKey.date !== date) {
    const scope = [date, env.AWS_REGION ?? '', 's3', 'aws4_request'];
    let key = Buffer.from(`AWS4${env.AWS_SECRET_ACCESS_KEY}`);
    for (const part of scope) key = hmac(key, part);
    signingKey = { date, scope: scope.join('/'), key };
  }
  return signingKey;
}

function presign(key: string, contentType: string, now: string): string {
  const time = `${now.slice(0, 19).replace(/[-:]/g, '')}Z`;
  const { scope, key: secret } = signingKeyOf(time.slice(0, 8));
  const credential = `${env.AWS_ACCESS_KEY_ID}%2F${scope.replaceAll('/', '%2F')}`;
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=${credential}&X-Amz-Date=${time}&X-Amz-Expires=${INGEST_EXPIRY_SECS}&X-Amz-SignedHeaders=content-type%3Bhost&x-id=PutObject`;
  const request = `PUT\n/${key}\n${query}\ncontent-type:${contentType}\nhost:${host}\n\ncontent-type;host\nUNSIGNED-PAYLOAD`;
  const hash = createHash('sha256').update(request).digest('hex');
  const signature = hmac(secret, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`).toString('hex');
  return `https://${host}/${key}?${query}&X-Amz-Signature=${signature}`;
}

async function ingest(contentType: string, fileName: string) {
  const id = newImageId();
  const key = `ingest/${id}`;
  const now = new Date();
  await pool.query({
    name: 'insert',
    text: `INSERT INTO image_records
             (id, status, content_type, file_name, object_key, created_at, updated_at)
           VALUES ($1, 'pending', $2, $3, $4, $5, $5)`,
    values: [id, contentType, fileName, key, now],
  });
  return {
    image_id: id,
    upload_url: presign(key, contentType, now.toISOString()),
    expires_at: timestamp(Math.floor(now.getTime() / 1000) + INGEST_EXPIRY_SECS),
  };
}

async function readJson<Body>(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Body;
}

const ONE = '/api/image/v1/serve/get-signed-url/';
const MANY = '/api/image/v1/serve/get-signed-urls';

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '' } = request;
  let status = 200;
  let body: object | null;
  if (url.startsWith(ONE)) {
    body = await serveOne(url.slice(ONE.length));
  } else if (url === MANY) {
    body = await serveMany((await readJson<{ image_ids: string[] }>(request)).image_ids);
  } else {
    const input = await readJson<{ content_type: string; file_name: string }>(request);
    status = 201;
    body = await ingest(input.content_type, input.file_name);
  }
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answerBench((server.address() as AddressInfo).port, async () => {
  server.close();
  server.closeAllConnections();
  await pool.end();
});
