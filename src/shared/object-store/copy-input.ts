import type {
  CopyObjectCommandInput,
  GetObjectCommandOutput,
  StorageClass,
} from '@aws-sdk/client-s3';
import { encodeKeyPath } from '../../domain/key-paths.ts';

/** What has to be said again so that a copy with a new Content-Type keeps everything else. */
export type KeptAttributes = Pick<
  CopyObjectCommandInput,
  | 'Metadata'
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'WebsiteRedirectLocation'
  | 'StorageClass'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'BucketKeyEnabled'
  | 'ObjectLockMode'
  | 'ObjectLockRetainUntilDate'
  | 'ObjectLockLegalHoldStatus'
>;

/** All that one GET tells of an object which CopyObject would otherwise drop, or reset. */
export function keptAttributes(
  found: Omit<GetObjectCommandOutput, 'Body' | '$metadata'>,
  now: Date,
): KeptAttributes {
  const retainUntil = found.ObjectLockRetainUntilDate;
  const isRetained = retainUntil !== undefined && retainUntil > now;
  return {
    Metadata: found.Metadata,
    CacheControl: found.CacheControl,
    ContentDisposition: found.ContentDisposition,
    ContentEncoding: found.ContentEncoding,
    ContentLanguage: found.ContentLanguage,
    WebsiteRedirectLocation: found.WebsiteRedirectLocation,
    // Said also where it is the default: what a bucket encrypts with by itself may have changed.
    ServerSideEncryption: found.ServerSideEncryption,
    SSEKMSKeyId: found.SSEKMSKeyId,
    BucketKeyEnabled: found.BucketKeyEnabled,
    // Absent means STANDARD here as there.
    StorageClass: found.StorageClass as StorageClass | undefined,
    // A time that is over would be refused.
    ...(isRetained && {
      ObjectLockMode: found.ObjectLockMode,
      ObjectLockRetainUntilDate: retainUntil,
    }),
    ObjectLockLegalHoldStatus: found.ObjectLockLegalHoldStatus,
  };
}

export interface Copy {
  bucket: string;
  from: { key: string /** Without quotes. */; etag: string };
  /** The same key, or one that has no object yet. */
  toKey: string;
  contentType: string;
  kept: KeptAttributes;
}

/**
 * A copy that only ever takes what was looked at, and never takes the place of anything else: an
 * object that has changed, or one that has come to the other key, makes it fail.
 *
 * Tags and the checksum are copied without being told; the access control list is not (buckets that
 * have "Bucket owner enforced" have none).
 */
export function copyInput({
  bucket,
  from,
  toKey,
  contentType,
  kept,
}: Copy): CopyObjectCommandInput {
  const etag = `"${from.etag}"`;
  return {
    ...kept,
    Bucket: bucket,
    Key: toKey,
    CopySource: `${bucket}/${encodeKeyPath(from.key)}`,
    CopySourceIfMatch: etag,
    // The source is compared when the copy begins, the destination when it is put in place.
    ...(toKey === from.key ? { IfMatch: etag } : { IfNoneMatch: '*' }),
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'COPY',
    ContentType: contentType,
  };
}
