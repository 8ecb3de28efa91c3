import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** One stored version, as the bucket lists it; `versionId` is `null` (the text) where unversioned. */
export interface StoredVersion {
  key: string;
  versionId: string;
}

export interface MediaBucket {
  /** Stores an object; resolves with its version (null where unversioned) and its bare ETag. */
  put(
    key: string,
    bytes: Uint8Array,
    contentType?: string,
  ): Promise<{ versionId: string | null; etag: string }>;
  /** The bytes; null where they are gone. */
  read(key: string, versionId?: string | null): Promise<Buffer | null>;
  deleteVersion(key: string, versionId: string | null): Promise<void>;
  /** Every version of every object, or of one; delete markers are not among them. */
  versions(key?: string): Promise<StoredVersion[]>;
  close(): void;
}

/** A client of the bucket for tests; it goes past any proxy. */
export function connectBucket(options: {
  url: string;
  bucket: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}): MediaBucket {
  const { url, bucket: Bucket, region, credentials } = options;
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });

  return {
    async put(Key, Body, ContentType) {
      const { VersionId, ETag } = await client.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentType }),
      );
      return { versionId: VersionId ?? null, etag: ETag?.replaceAll('"', '') ?? '' };
    },

    async read(Key, versionId = null) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket, Key, VersionId: versionId ?? undefined }),
        );
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (error instanceof Error && /^NoSuch(Key|Version)$/.test(error.name)) return null;
        throw error;
      }
    },

    async deleteVersion(Key, versionId) {
      await client.send(
        new DeleteObjectCommand({ Bucket, Key, VersionId: versionId ?? undefined }),
      );
    },

    async versions(key) {
      const found: StoredVersion[] = [];
      let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
      while (from) {
        const page: Awaited<ReturnType<typeof list>> = await list(from);
        for (const { Key = '', VersionId = '' } of page.Versions ?? []) {
          if (key === undefined || Key === key) found.push({ key: Key, versionId: VersionId });
        }
        from = page.IsTruncated
          ? {
              ...(page.NextKeyMarker && { KeyMarker: page.NextKeyMarker }),
              ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }),
            }
          : undefined;
      }
      return found;
    },

    close: () => client.destroy(),
  };

  function list(from: object) {
    return client.send(new ListObjectVersionsCommand({ Bucket, ...from }));
  }
}
