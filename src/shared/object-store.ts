import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { CommonConfig } from './config.ts';
import { type AuditStore, createAuditStore } from './object-store/audit.ts';
import { createPresigner, type Presigner } from './object-store/presigner.ts';
import { findUploadOrigin } from './object-store/upload-origin.ts';
import { createVersionListing, type VersionListing } from './object-store/version-listing.ts';

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

export interface NewObject {
  key: string;
  body: Buffer;
  contentType: string;
  cacheControl: string;
}

export interface ObjectStore extends Presigner, VersionListing, AuditStore {
  readonly bucket: string;
  /** Where presigned uploads go to: a source for a Content-Security-Policy, without the bucket. */
  uploadOrigin(): Promise<string>;
  /** One GET; null where the version (or the key) does not exist. */
  open(object: Pick<ObjectVersion, 'key' | 'versionId'>): Promise<OpenObject | null>;
  /** Deletes exactly that version for good; deleting what is gone already is fine. */
  deleteVersion(object: ObjectVersion): Promise<void>;
  /** Writes a whole object; returns its version id, null in unversioned buckets. */
  put(object: NewObject): Promise<string | null>;
  /** Deletes every version under this key but one; all of them when `keep` is null. */
  deleteVersionsExcept(key: string, keep: string | null): Promise<void>;
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

/**
 * This module and its folder are the only ones that talk to S3. Credentials come from the SDK's
 * default provider chain.
 */
export function createObjectStore(config: ObjectStoreConfig): ObjectStore {
  const bucket = config.S3_INPUT_BUCKET;
  const clientConfig: S3ClientConfig = {
    region: config.AWS_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.AWS_ENDPOINT_URL_S3 && { endpoint: config.AWS_ENDPOINT_URL_S3 }),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    // By default the SDK signs the CRC32 of an empty body into a presigned PUT, which no file matches.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
  const client = new S3Client(clientConfig);
  const { closeAudit, ...audit } = createAuditStore(clientConfig, bucket);

  async function deleteAll(
    versions: { Key?: string | undefined; VersionId?: string | undefined }[],
  ): Promise<void> {
    if (versions.length === 0) return;
    const objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    if (Errors[0]) throw new Error(`${Errors.length} versions not deleted: ${Errors[0].Code}`);
  }

  return {
    bucket,
    uploadOrigin: () => findUploadOrigin(clientConfig, bucket),

    ...createPresigner(client, bucket),
    ...createVersionListing(client, bucket),
    ...audit,

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

    async put({ key, body, contentType, cacheControl }) {
      const { VersionId } = await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          CacheControl: cacheControl,
        }),
      );
      return VersionId ?? null;
    },

    async deleteVersionsExcept(key, keep) {
      let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
      do {
        const page = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...marker }),
        );
        const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
        // The prefix also finds longer keys; they sort after it.
        await deleteAll(versions.filter((v) => v.Key === key && v.VersionId !== keep));
        marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      } while (marker.KeyMarker === key);
    },

    async isVersioned() {
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
      return Status === 'Enabled';
    },

    close() {
      client.destroy();
      closeAudit();
    },
  };
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
