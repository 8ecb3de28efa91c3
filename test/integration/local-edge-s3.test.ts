import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Edge, startEdge } from '../../src/local/edge/server.ts';
import { type LocalS3, startLocalS3 } from '../../src/local/s3/server.ts';
import { createTestKey, originCredentials, region, send, signUrl } from '../support/local-edge.ts';

const bucket = 'media-secret-bucket';
const key = createTestKey('KS3', 'ec');
let clock = Date.now();
let dataDir: string;
let s3: LocalS3;
let client: S3Client;
let edge: Edge;

async function put(objectKey: string, text: string): Promise<string> {
  const { VersionId = '' } = await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: objectKey,
      Body: text,
      ContentType: 'image/png',
    }),
  );
  return VersionId;
}

function signed(path: string): string {
  return signUrl(`${edge.url}${path}`, Math.floor(clock / 1000) + 600, key);
}

describe('the local edge in front of the local S3', () => {
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'local-edge-s3-'));
    const now = () => clock;
    s3 = await startLocalS3({
      dataDir,
      port: 0,
      region,
      credentials: originCredentials,
      corsOrigins: [],
      now,
    });
    await s3.createBucket(bucket, { versioned: true });
    client = new S3Client({
      region,
      endpoint: s3.url,
      forcePathStyle: true,
      credentials: originCredentials,
    });
    edge = await startEdge({
      port: 0,
      originUrl: `${s3.url}/${bucket}`,
      region,
      originCredentials,
      publicKeys: new Map([[key.id, key.publicPem]]),
      corsOrigins: [],
      now,
    });
  });
  afterAll(async () => {
    client.destroy();
    await edge.close();
    await s3.close();
    await rm(dataDir, { recursive: true });
  });

  test('a URL with a version keeps showing that version, whatever is uploaded later', async () => {
    const validated = await put('ingest/01J', 'validated');
    const pinned = signed(`/ingest/01J?versionId=${encodeURIComponent(validated)}`);
    expect(await send(pinned)).toMatchObject({ status: 200, text: 'validated' });
    const swapped = await put('ingest/01J', 'swapped');
    // Past every TTL, so that the answer is the origin's and not a memory.
    clock += 48 * 3_600_000;
    const fresh = await send(signed(`/ingest/01J?versionId=${encodeURIComponent(validated)}`));
    expect(fresh).toMatchObject({ status: 200, text: 'validated' });
    expect(fresh.headers['x-cache']).toBe('RefreshHit from cloudfront');
    expect(fresh.headers['content-type']).toBe('image/png');
    expect(fresh.headers['x-amz-version-id']).toBe(validated);
    expect(fresh.headers).not.toHaveProperty('x-amz-request-id');
    expect(
      await send(signed(`/ingest/01J?versionId=${encodeURIComponent(swapped)}`)),
    ).toMatchObject({
      text: 'swapped',
    });
  });

  test.each(['a b+c', 'café', '100%25', "it's (1)!*~", 'x//y', '日本'])(
    'reads the key the SDK wrote: %s',
    async (name) => {
      await put(`uploads/wishlist/${name}`, name);
      const path = name.split('/').map(encodeURIComponent).join('/');
      const answer = await send(`${edge.url}/uploads/wishlist/${path}`);
      expect(answer).toMatchObject({ status: 200, text: name });
    },
  );

  test.each([
    ['a missing key', 'missing', 404],
    ['an unknown version', 'there?versionId=00000000000000000000000000000000', undefined],
    ['a version that is none', 'there?versionId=%20', undefined],
  ])('%s is an error that does not name the bucket', async (_name, path, status) => {
    await put('uploads/wishlist/there', 'x');
    const answer = await send(`${edge.url}/uploads/wishlist/${path}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    if (status !== undefined) expect(answer.status).toBe(status);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(bucket);
  });

  test('a picture that was deleted is a 404 once its copy is stale', async () => {
    await put('uploads/wishlist/gone', 'x');
    const url = `${edge.url}/uploads/wishlist/gone?v=1`;
    expect((await send(url)).status).toBe(200);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'uploads/wishlist/gone' }));
    expect((await send(url)).status).toBe(200);
    expect((await send(`${edge.url}/uploads/wishlist/gone?v=2`)).status).toBe(404);
    clock += 48 * 3_600_000;
    expect((await send(url)).status).toBe(404);
  });
});
