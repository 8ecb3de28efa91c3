import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CONTENT_TYPES, type ContentType } from '../../src/domain/content-types.ts';
import { isThumbnail, jpegKeyOf } from '../../src/domain/thumbnail-keys.ts';
import { makeAuditOnePage } from '../../src/features/audit/audit-page.ts';
import type { AuditOnePage, AuditPage, AuditStage } from '../../src/features/audit/model.ts';
import { type EdgeControl, startEdgeControl } from '../../src/local/edge/control.ts';
import { type Edge, type EdgeOptions, startEdge } from '../../src/local/edge/server.ts';
import { type CdnInvalidator, createCdnInvalidator } from '../../src/shared/cdn-invalidator.ts';
import { createObjectStore, type ObjectStore } from '../../src/shared/object-store.ts';
import { createPacer } from '../../src/shared/pacer.ts';
import { type AuditReaders, type ReadPicture, startReaders } from '../support/audit-readers.ts';
import { counted, NO_INTENTS } from '../support/audit-store.ts';
import { awsCredentials } from '../support/config.ts';
import { REGION, startTestS3, type TestS3, VERSIONED } from '../support/local-s3.ts';
import { captureLog } from '../support/log.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

const FOLDER = 'uploads/wishlist/';
const DISTRIBUTION = 'E1TEST';
const PICTURES = 30;
const PAGE_SIZE = 20;
/** Of a location of the CDN that keeps next to nothing: room for one tiny picture. */
const SMALL_CACHE_BYTES = 3_000;

interface StoredObject {
  key: string;
  bytes: Buffer;
  /** What it is stored as. */
  contentType: ContentType;
  /** What its bytes are. */
  realType: ContentType;
}

let s3: TestS3;
let client: S3Client;
let store: ObjectStore;
let cdn: CdnInvalidator;
let edges: Edge[];
let control: EdgeControl;
let auditOnePage: AuditOnePage;
let problems: unknown[];

beforeEach(async () => {
  problems = [];
  s3 = await startTestS3({ credentials: awsCredentials });
  client = s3.client({ credentials: awsCredentials });
  const { url } = s3.s3();
  // What is changed or deleted behind the one's back is seen behind the other's.
  edges = [
    await startTestEdge(url),
    await startTestEdge(url, { maxCacheBytes: SMALL_CACHE_BYTES }),
  ];
  control = await startEdgeControl({
    port: 0,
    credentials: awsCredentials,
    distributionId: DISTRIBUTION,
    invalidate: (path) => {
      for (const edge of edges) edge.invalidate(path);
    },
    onProblem: (error) => problems.push(error),
  });
  store = createObjectStore({
    AWS_REGION: REGION,
    S3_INPUT_BUCKET: VERSIONED,
    S3_FORCE_PATH_STYLE: true,
    AWS_ENDPOINT_URL_S3: url,
  });
  cdn = createCdnInvalidator({
    CLOUDFRONT_DISTRIBUTION_ID: DISTRIBUTION,
    AWS_ENDPOINT_URL_CLOUDFRONT: control.url,
  });
  const { logger } = captureLog();
  const pacer = createPacer(100_000);
  auditOnePage = makeAuditOnePage({ objects: store, cdn, pacer, logger, pageSize: PAGE_SIZE });
});
afterEach(async () => {
  cdn.close();
  store.close();
  await control.close();
  for (const edge of edges) await edge.close();
  await s3.stop();
  expect(problems).toEqual([]);
});

function startTestEdge(s3Url: string, options: Partial<EdgeOptions> = {}): Promise<Edge> {
  return startEdge({
    port: 0,
    originUrl: `${s3Url}/${VERSIONED}`,
    region: REGION,
    originCredentials: awsCredentials,
    publicKeys: new Map(),
    corsOrigins: [],
    onProblem: (error) => problems.push(error),
    ...options,
  });
}

/** Pictures of every kind, every other one a lie; thumbnails in `.png`, most of them JPEG. */
async function fill(): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  const images = await drawTinyImages();
  for (let index = 0; index < PICTURES; index += 1) {
    const name = String(index).padStart(3, '0');
    const add = (key: string, realType: ContentType, contentType: ContentType) => {
      // No two alike: a picture in the place of another one is noticed.
      const bytes = Buffer.concat([images[realType], Buffer.from(key)]);
      objects.push({ key: `${FOLDER}${key}`, bytes, contentType, realType });
    };
    const realType = CONTENT_TYPES[index % CONTENT_TYPES.length] ?? 'image/jpeg';
    const lie = CONTENT_TYPES[(index + 1) % CONTENT_TYPES.length] ?? 'image/png';
    add(`${name}.jpg`, realType, index % 2 === 0 ? lie : realType);
    add(`thumb_${name}.png`, index % 8 === 7 ? 'image/png' : 'image/jpeg', 'image/png');
  }
  for (const { key: Key, bytes: Body, contentType } of objects) {
    await client.send(
      new PutObjectCommand({ Bucket: VERSIONED, Key, Body, ContentType: contentType }),
    );
  }
  return objects;
}

async function storedKeys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: VERSIONED }));
  return Contents.map(({ Key = '' }) => Key);
}

/** All pages of a stage; `onPage` after each that had anything for it. Resolves with what is not 0. */
async function runStage(
  stage: AuditStage,
  onPage: (page: AuditPage) => Promise<void>,
  dryRun = false,
): Promise<Record<string, number>> {
  const request = { stage, prefix: FOLDER, dryRun, limit: null };
  const { signal } = new AbortController();
  const total: Record<string, number> = {};
  let after: string | null = null;
  do {
    const page: AuditPage = await auditOnePage(
      request,
      { after, remaining: null, intents: NO_INTENTS },
      signal,
    );
    for (const [name, count] of Object.entries(counted(page.stats))) {
      total[name] = (total[name] ?? 0) + count;
    }
    if (page.stats.processed > 0) await onPage(page);
    after = page.next;
  } while (after !== null);
  return total;
}

test('whoever reads through the edge sees nothing but right answers, from stage 1 to stage 3', async () => {
  const objects = await fill();
  const fixed = new Set<string>();
  /** Thumbnails that stage 2 has left as they are keep their names, as its report says. */
  const copied = new Set<string>();
  let isDeployed = false;
  const pictures = objects.map(({ key, bytes, contentType, realType }): ReadPicture => {
    const hasNewName = () => isDeployed && copied.has(key);
    return {
      bytes,
      key: () => (hasNewName() ? jpegKeyOf(key) : key),
      types: () => (fixed.has(key) || hasNewName() ? [realType] : [contentType, realType]),
    };
  });
  const lies = objects.filter(({ contentType, realType }) => contentType !== realType);
  const lyingPictures = lies.filter(({ key }) => !isThumbnail(key));
  const lyingThumbnails = lies.filter(({ key }) => isThumbnail(key));
  const readers: AuditReaders = startReaders(
    edges.map(({ url }) => url),
    pictures,
  );
  const read = () => readers.wholeRound();
  try {
    await read();

    const dry = await runStage(1, async () => {}, true);
    const first = await runStage(1, async ({ changes }) => {
      for (const { key } of changes) fixed.add(key);
      await read();
    });
    expect(first).toEqual({
      processed: PICTURES,
      fixed: lyingPictures.length,
      already_correct: PICTURES - lyingPictures.length,
    });
    expect(dry).toEqual(first);

    const second = await runStage(2, async ({ changes }) => {
      for (const { key } of changes) copied.add(key);
      await read();
    });
    expect(second).toEqual({
      processed: PICTURES,
      copied: lyingThumbnails.length,
      skipped_not_jpeg: PICTURES - lyingThumbnails.length,
    });

    isDeployed = true;
    await read();
    expect(await runStage(2, async () => {})).toEqual({
      processed: PICTURES,
      already_exists: lyingThumbnails.length,
      skipped_not_jpeg: PICTURES - lyingThumbnails.length,
    });
    const third = await runStage(3, read);
    expect(third).toEqual({
      processed: PICTURES,
      deleted: lyingThumbnails.length,
      skipped_no_jpg: PICTURES - lyingThumbnails.length,
    });
    await read();
  } finally {
    await readers.stop();
  }
  expect(readers.problems).toEqual([]);
  expect([...readers.statuses.keys()].sort()).toEqual([200, 206, 304]);
  expect(await storedKeys()).toEqual(
    objects.map(({ key }) => (copied.has(key) ? jpegKeyOf(key) : key)).sort(),
  );
  expect(lyingThumbnails.length).toBeGreaterThan(20);
});
