/** Presigns uploads in one way, for so many seconds of CPU time: `... WAY`. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { createObjectStore } from '../../src/shared/object-store.ts';
import { repeatFor, serveAsContestant } from '../kit/contestant-process.ts';

export type PresignWay = 'ours' | 'sdkReusedClient' | 'sdkNewClient';

const REGION = 'eu-central-1';
const BUCKET = 'bench-media';
const CONTENT_TYPE = 'image/jpeg';
const EXPIRY_SECONDS = 300;
const BATCH = 20;

// The SDK's provider chain reads these. Nothing is sent anywhere.
process.env.AWS_ACCESS_KEY_ID = 'AKIDBENCHBENCHBENCH0';
process.env.AWS_SECRET_ACCESS_KEY = 'bench-bench-bench-bench-bench-bench-0000';

const keys = Array.from({ length: BATCH }, () => ingestKey(newImageId()));
const newClient = () =>
  new S3Client({ region: REGION, requestChecksumCalculation: 'WHEN_REQUIRED' });

function signWithSdk(client: S3Client, key: string): Promise<string> {
  const input = { Bucket: BUCKET, Key: key, ContentType: CONTENT_TYPE };
  return getSignedUrl(client, new PutObjectCommand(input), {
    expiresIn: EXPIRY_SECONDS,
    signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
  });
}

/** Each signs one upload of such a key. */
const WAYS: Record<PresignWay, () => (key: string) => Promise<unknown>> = {
  ours() {
    const store = createObjectStore({
      AWS_REGION: REGION,
      S3_INPUT_BUCKET: BUCKET,
      S3_FORCE_PATH_STYLE: false,
      AWS_ENDPOINT_URL_S3: undefined,
    });
    return (key) =>
      store.presignUpload({ key, contentType: CONTENT_TYPE, expiresInSeconds: EXPIRY_SECONDS });
  },
  sdkReusedClient() {
    const client = newClient();
    return (key) => signWithSdk(client, key);
  },
  sdkNewClient: () => (key) => signWithSdk(newClient(), key),
};

const presign = WAYS[process.argv[2] as PresignWay]();
serveAsContestant((seconds: number) =>
  repeatFor(seconds, BATCH, async () => {
    for (const key of keys) await presign(key);
  }),
);
