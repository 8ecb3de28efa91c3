import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** An object version, or a delete marker, as a listing tells of it. */
export interface ListedVersion {
  key: string;
  /** Null in unversioned buckets, which list their objects as version "null". */
  versionId: string | null;
  /** Without quotes; null for a delete marker. */
  etag: string | null;
  lastModified: Date;
}

/** All that a bucket has under one key. */
export interface ObjectHistory {
  key: string;
  /** Oldest first. */
  versions: ListedVersion[];
  deleteMarkers: ListedVersion[];
}

export interface VersionListing {
  /**
   * Everything under a prefix, about a page of the store's listing (1,000 versions) at a time. A
   * key is told of once, with all that is under it, however many pages it spans.
   */
  listVersions(prefix: string): AsyncIterable<ObjectHistory[]>;
  /**
   * Deletes exactly these versions and delete markers for good; what is gone already is fine.
   * Returns those that the store did not delete, each with the store's error code.
   */
  deleteVersions(versions: readonly ListedVersion[]): Promise<NotDeleted[]>;
}

export interface NotDeleted {
  version: ListedVersion;
  code: string;
}

/** "DeleteObjects", Amazon S3 API Reference. */
const MAX_DELETIONS = 1000;
/** How the store calls the one version there is without versioning ("Working with versioned objects"). */
const NULL_VERSION = 'null';

export function createVersionListing(client: S3Client, bucket: string): VersionListing {
  return {
    async *listVersions(prefix) {
      let unfinished = new Map<string, ObjectHistory>();
      let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | null =
        {};
      while (next !== null) {
        const page: ListObjectVersionsCommandOutput = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...next }),
        );
        const histories = addPage(unfinished, page);
        // Versions and markers come as two lists, so the page may end within the last key of either.
        unfinished = page.IsTruncated ? lastKeysOf(page, histories) : new Map();
        yield [...histories.values()].filter(({ key }) => !unfinished.has(key)).map(oldestFirst);
        next = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : null;
      }
    },

    async deleteVersions(versions) {
      const refused: NotDeleted[] = [];
      for (let start = 0; start < versions.length; start += MAX_DELETIONS) {
        const batch = versions.slice(start, start + MAX_DELETIONS);
        refused.push(...(await deleteBatch(client, bucket, batch)));
      }
      return refused;
    },
  };
}

async function deleteBatch(
  client: S3Client,
  bucket: string,
  versions: readonly ListedVersion[],
): Promise<NotDeleted[]> {
  const idOf = (version: ListedVersion) => version.versionId ?? NULL_VERSION;
  const objects = versions.map((version) => ({ Key: version.key, VersionId: idOf(version) }));
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
  );
  return versions.flatMap((version) => {
    const error = Errors.find(
      ({ Key, VersionId }) => Key === version.key && (VersionId ?? NULL_VERSION) === idOf(version),
    );
    return error ? [{ version, code: error.Code ?? 'unknown' }] : [];
  });
}

/** Adds what a page lists to the histories that earlier pages have begun; newest first as yet. */
function addPage(
  begun: Map<string, ObjectHistory>,
  page: ListObjectVersionsCommandOutput,
): Map<string, ObjectHistory> {
  const histories = new Map(begun);
  const historyOf = (key: string): ObjectHistory => {
    const known = histories.get(key);
    if (known) return known;
    const history = { key, versions: [], deleteMarkers: [] };
    histories.set(key, history);
    return history;
  };
  for (const version of page.Versions ?? []) {
    const listed = toListed(version);
    historyOf(listed.key).versions.push(listed);
  }
  for (const marker of page.DeleteMarkers ?? []) {
    const listed = toListed(marker);
    historyOf(listed.key).deleteMarkers.push(listed);
  }
  return histories;
}

function toListed(entry: {
  Key?: string | undefined;
  VersionId?: string | undefined;
  ETag?: string | undefined;
  LastModified?: Date | undefined;
}): ListedVersion {
  const { Key = '', VersionId = NULL_VERSION, ETag, LastModified } = entry;
  return {
    key: Key,
    versionId: VersionId === NULL_VERSION ? null : VersionId,
    etag: ETag?.replaceAll('"', '') ?? null,
    // Without a date nobody can say that it is old enough for anything.
    lastModified: LastModified ?? new Date(),
  };
}

function lastKeysOf(
  page: ListObjectVersionsCommandOutput,
  histories: Map<string, ObjectHistory>,
): Map<string, ObjectHistory> {
  const keys = [page.Versions?.at(-1)?.Key, page.DeleteMarkers?.at(-1)?.Key];
  return new Map([...histories].filter(([key]) => keys.includes(key)));
}

function oldestFirst({ key, versions, deleteMarkers }: ObjectHistory): ObjectHistory {
  return { key, versions: versions.toReversed(), deleteMarkers };
}
