import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { CommonConfig } from './config.ts';

/** One version of one object; `versionId` is null in unversioned buckets, where the ETag tells. */
export interface ObjectVersion {
  key: string;
  versionId: string | null;
  /** Without quotes; null where it is not known. */
  etag: string | null;
}

export interface OpenObject extends ObjectVersion {
  sizeBytes: number;
  /** As stored; null where there is none. */
  contentType: string | null;
  /** Destroy it when the rest is not wanted, or the connection stays taken. */
  body: Readable;
}

export interface UploadRequest {
  key: string;
  contentType: string;
  /** Signs the exact size in bytes. */
  contentLength?: number | undefined;
  /** Signs `If-None-Match: *`: the upload is refused when the key has an object already. */
  onlyOnce?: boolean | undefined;
  expiresInSeconds: number;
}

export interface PresignedUpload {
  url: string;
  /** What the client has to send; all of it is signed. */
  headers: { name: string; value: string }[];
  /** Whole seconds. */
  expiresAt: Date;
}

export interface ObjectStore {
  readonly bucket: string;
  presignUpload(upload: UploadRequest): Promise<PresignedUpload>;
  /** One GET; null where the version (or the key) does not exist. */
  open(object: Pick<ObjectVersion, 'key' | 'versionId'>): Promise<OpenObject | null>;
  /** Deletes exactly that version for good; deleting what is gone already is fine. */
  deleteVersion(object: ObjectVersion): Promise<void>;
  /** Also tells whether the store answers at all. */
  isVersioned(): Promise<boolean>;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 15_000;

type ObjectStoreConfig = Pick<
  CommonConfig,
  'AWS_REGION' | 'S3_INPUT_BUCKET' | 'S3_FORCE_PATH_STYLE' | 'AWS_ENDPOINT_URL_S3'
>;

/** The only module that talks to S3. Credentials come from the SDK's default provider chain. */
export function createObjectStore(config: ObjectStoreConfig): ObjectStore {
  const bucket = config.S3_INPUT_BUCKET;
  const client = new S3Client({
    region: config.AWS_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.AWS_ENDPOINT_URL_S3 && { endpoint: config.AWS_ENDPOINT_URL_S3 }),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    // By default the SDK signs the CRC32 of an empty body into a presigned PUT, which no file matches.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

  return {
    bucket,

    async presignUpload({ key, contentType, contentLength, onlyOnce, expiresInSeconds }) {
      const signingDate = new Date();
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        ContentLength: contentLength,
        IfNoneMatch: onlyOnce ? '*' : undefined,
      });
      const url = await getSignedUrl(client, command, {
        signingDate,
        expiresIn: expiresInSeconds,
        // Without being named here these headers would be left out of X-Amz-SignedHeaders, and
        // the upload could carry any value of them.
        signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
      });
      const headers = [{ name: 'Content-Type', value: contentType }];
      if (contentLength !== undefined) {
        headers.push({ name: 'Content-Length', value: String(contentLength) });
      }
      if (onlyOnce) headers.push({ name: 'If-None-Match', value: '*' });
      return { url, headers, expiresAt: wholeSecondsAfter(signingDate, expiresInSeconds) };
    },

    async open({ key, versionId }) {
      try {
        const response = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId ?? undefined }),
        );
        return {
          key,
          versionId: response.VersionId ?? versionId,
          etag: unquoted(response.ETag),
          sizeBytes: response.ContentLength ?? 0,
          contentType: response.ContentType ?? null,
          // In Node the SDK's body is always a Readable; its type also covers browsers.
          body: response.Body as Readable,
        };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async deleteVersion({ key, versionId, etag }) {
      try {
        await client.send(
          new DeleteObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(versionId !== null
              ? { VersionId: versionId }
              : // No version to name: the ETag keeps a newer object under the same key safe.
                etag !== null && { IfMatch: `"${etag}"` }),
          }),
        );
      } catch (error) {
        if (!isMissing(error) && !isReplaced(error)) throw error;
      }
    },

    async isVersioned() {
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
      return Status === 'Enabled';
    },

    close: () => client.destroy(),
  };
}

/** Signatures count in whole seconds, so the expiry they have does too. */
function wholeSecondsAfter(date: Date, seconds: number): Date {
  return new Date((Math.floor(date.getTime() / 1000) + seconds) * 1000);
}

function unquoted(etag: string | undefined): string | null {
  return etag?.replace(/^"|"$/g, '') ?? null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && ['NoSuchKey', 'NoSuchVersion', 'NotFound'].includes(error.name);
}

function isReplaced(error: unknown): boolean {
  return error instanceof Error && error.name === 'PreconditionFailed';
}
