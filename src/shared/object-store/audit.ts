import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { FORMAT_HEAD_BYTES } from '../../domain/image-format.ts';
import { copyInput, type KeptAttributes, keptAttributes } from './copy-input.ts';
import { failureOf, failureOfCode, type StoreFailure } from './failures.ts';

/** A current object, as the listing tells of it. */
export interface ListedObject {
  key: string;
  /** Without quotes. */
  etag: string;
  sizeBytes: number;
}

export interface ObjectPage {
  /** In the order of the store, which is that of the keys' bytes. */
  objects: ListedObject[];
  isLast: boolean;
}

/** What one GET of an object's first bytes tells; enough to copy it with a new Content-Type. */
export interface InspectedObject {
  key: string;
  /** Without quotes. */
  etag: string;
  sizeBytes: number;
  /** As stored; null where there is none. */
  contentType: string | null;
  lastModified: Date | null;
  /** The first 12 bytes, fewer where there are no more. */
  head: Uint8Array;
  /** What a copy has to say again. */
  kept: KeptAttributes;
  /** As it was stored, even where it is no date; null where it was not. */
  expires: string | null;
  /** Metadata that no request over HTTP can read: a copy would lose it. */
  hasHiddenMetadata: boolean;
}

export interface AuditCopy {
  from: InspectedObject;
  /** The same key: in place. Another one: only where there is nothing as yet. */
  toKey: string;
  contentType: string;
}

/**
 * What the format audit asks of the store. Each call is one request and is not repeated: whoever
 * calls paces them, and knows from `failureOf` what a rejection means.
 */
export interface AuditStore {
  /** Current objects whose keys begin with `prefix`, behind `after` (null: from the first). */
  listObjects(prefix: string, after: string | null, most: number): Promise<ObjectPage>;
  /** Rejects where there is no such object. */
  inspect(key: string): Promise<InspectedObject>;
  /** Rejects where the source has changed since it was inspected, or there is something at `toKey`. */
  copyAs(copy: AuditCopy): Promise<void>;
  /**
   * Deletes up to 1,000 objects that are still those that were listed. In versioned buckets that
   * puts a delete marker on top, and the versions stay. Resolves with what was not deleted, by key.
   */
  deleteListed(objects: readonly ListedObject[]): Promise<Map<string, StoreFailure>>;
}

/** A single CopyObject takes no more ("CopyObject", Amazon S3 API Reference). */
export const MAX_COPY_BYTES = 5 * 2 ** 30;

export function createAuditStore(
  config: S3ClientConfig,
  bucket: string,
): AuditStore & { closeAudit(): void } {
  // Retries of the SDK's would be requests that nobody has paced.
  const client = new S3Client({ ...config, maxAttempts: 1 });

  return {
    async listObjects(prefix, after, most) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          StartAfter: after ?? undefined,
          MaxKeys: most,
          // Keys may hold characters that XML cannot.
          EncodingType: 'url',
        }),
      );
      const objects = (page.Contents ?? []).map(({ Key = '', ETag, Size = 0 }) => ({
        key: decodeURIComponent(Key.replaceAll('+', ' ')),
        etag: bare(ETag),
        sizeBytes: Size,
      }));
      return { objects, isLast: !page.IsTruncated };
    },

    async inspect(key) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: `bytes=0-${FORMAT_HEAD_BYTES - 1}`,
      });
      try {
        return await toInspected(key, await client.send(command));
      } catch (error) {
        if (isEmptyObject(error)) return emptyObject(key);
        throw error;
      }
    },

    async copyAs({ from, toKey, contentType }) {
      const command = new CopyObjectCommand(
        copyInput({ bucket, from, toKey, contentType, kept: from.kept }),
      );
      if (from.expires !== null) sayExpires(command, from.expires);
      await client.send(command);
    },

    async deleteListed(objects) {
      const failures = new Map<string, StoreFailure>();
      const [inXml, others] = partition(objects, ({ key }) => fitsXml(key));
      if (inXml.length > 0) {
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: bucket,
            Delete: {
              Objects: inXml.map(({ key, etag }) => ({ Key: key, ETag: `"${etag}"` })),
              Quiet: true,
            },
          }),
        );
        for (const { Key = '', Code = '' } of Errors) failures.set(Key, failureOfCode(Code));
      }
      for (const { key, etag } of others) {
        try {
          await client.send(
            new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"` }),
          );
        } catch (error) {
          failures.set(key, failureOf(error));
        }
      }
      return failures;
    },

    closeAudit: () => client.destroy(),
  };
}

async function toInspected(key: string, found: GetObjectCommandOutput): Promise<InspectedObject> {
  const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
  const { Body: _body, $metadata: _metadata, ...rest } = found;
  return {
    key,
    etag: bare(found.ETag),
    // `bytes 0-11/4711`
    sizeBytes: Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? found.ContentLength ?? 0),
    contentType: found.ContentType ?? null,
    lastModified: found.LastModified ?? null,
    head: bytes.subarray(0, FORMAT_HEAD_BYTES),
    kept: keptAttributes(rest, new Date()),
    expires: found.ExpiresString ?? null,
    hasHiddenMetadata: (found.MissingMeta ?? 0) > 0,
  };
}

/** There is no first byte to be sent of an empty object: the range cannot be satisfied (416). */
function isEmptyObject(error: unknown): boolean {
  return Object(error).name === 'InvalidRange';
}

function emptyObject(key: string): InspectedObject {
  return {
    key,
    etag: '',
    sizeBytes: 0,
    contentType: null,
    lastModified: null,
    head: new Uint8Array(),
    kept: {},
    expires: null,
    hasHiddenMetadata: false,
  };
}

/** The SDK writes dates only, and the header may have been stored as anything: `0`, for one. */
function sayExpires(command: CopyObjectCommand, expires: string): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers.expires = expires;
      return next(args);
    },
    { step: 'build', name: 'expires' },
  );
}

/** "Char", Extensible Markup Language (XML) 1.0, section 2.2. */
function fitsXml(key: string): boolean {
  return !Array.from(key).some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return (code < 0x20 && !'\t\n\r'.includes(character)) || code === 0xfffe || code === 0xffff;
  });
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function bare(etag: string | undefined): string {
  return etag?.replaceAll('"', '') ?? '';
}
