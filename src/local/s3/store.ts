import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  addVersion,
  type Bucket,
  createBucket,
  currentVersion,
  removeVersion,
  replaceVersion,
} from './bucket.ts';
import { type ContentFiles, openContentFiles } from './content-files.ts';
import { S3Error } from './errors.ts';
import { type JournalEntry, openJournal } from './journal.ts';
import {
  type DeleteMarker,
  NULL_VERSION,
  type ObjectVersion,
  type PendingEvent,
  type StoredObject,
  type Tags,
} from './object-version.ts';

/** The journal is rewritten when it has this many lines more than it needs, and twice as many. */
const SPARE_LINES = 10_000;

/** A version as its writer knows it; the store gives it its identity. */
export type Draft = Pick<StoredObject, 'size' | 'etag' | 'attributes' | 'checksum'>;

export interface Put {
  readonly bucket: Bucket;
  readonly key: string;
  readonly draft: Draft;
  /** A closed file in the store's own temporary folder; it is moved. */
  readonly contentPath: string;
  /** Called with nothing able to come between it and the write; throws to refuse. */
  readonly assertAllowed: (current: ObjectVersion | undefined) => void;
  /** The events that are stored with the object. */
  readonly eventsFor: (version: StoredObject) => readonly PendingEvent[];
}

export interface Store {
  readonly files: ContentFiles;
  buckets(): readonly Bucket[];
  /** @throws S3Error `NoSuchBucket` */
  bucket(name: string): Bucket;
  /** Makes the bucket, or enables its versioning where it is there already. */
  createBucket(name: string, versioned: boolean): void;
  put(put: Put): StoredObject;
  addDeleteMarker(bucket: Bucket, key: string): DeleteMarker;
  remove(bucket: Bucket, key: string, version: ObjectVersion): void;
  setTags(bucket: Bucket, key: string, version: StoredObject, tags: Tags): void;
  pendingEvents(): readonly PendingEvent[];
  markDelivered(eventId: string): void;
  close(): void;
}

/** 32 characters that no one can guess, safe in a URL. */
function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Opens the state in `directory`. Every change is one journal line: durable when the method
 * returns, absent when it throws.
 */
export async function openStore(directory: string, now: () => number): Promise<Store> {
  const files = await openContentFiles(directory);
  const buckets = new Map<string, Bucket>();
  const events = new Map<string, PendingEvent>();
  let versionCount = 0;
  let compactAt = 0;
  let lastSequencer = 0n;

  function bucket(name: string): Bucket {
    const found = buckets.get(name);
    if (found === undefined) throw new S3Error('NoSuchBucket', { details: { BucketName: name } });
    return found;
  }

  /** Changes the state in memory; returns the version that is no more. */
  function apply(entry: JournalEntry): ObjectVersion | undefined {
    switch (entry.type) {
      case 'format':
        return undefined;
      case 'bucket': {
        const existing = buckets.get(entry.name);
        if (existing) existing.versioned = entry.versioned;
        else buckets.set(entry.name, createBucket(entry.name, entry.createdAt, entry.versioned));
        return undefined;
      }
      case 'put': {
        for (const event of entry.events ?? []) events.set(event.id, event);
        if (entry.version.kind === 'object') {
          const sequencer = BigInt(`0x${entry.version.sequencer}`);
          if (sequencer > lastSequencer) lastSequencer = sequencer;
        }
        const replaced = addVersion(bucket(entry.bucket), entry.key, entry.version);
        if (replaced === undefined) versionCount += 1;
        return replaced;
      }
      case 'remove': {
        const removed = removeVersion(bucket(entry.bucket), entry.key, entry.id);
        if (removed !== undefined) versionCount -= 1;
        return removed;
      }
      case 'tags': {
        const versions = bucket(entry.bucket).versions.get(entry.key);
        const version = versions?.find((other) => other.id === entry.id);
        if (version?.kind === 'object') {
          const attributes = { ...version.attributes, tags: entry.tags };
          replaceVersion(bucket(entry.bucket), entry.key, { ...version, attributes });
        }
        return undefined;
      }
      case 'event':
        events.set(entry.event.id, entry.event);
        return undefined;
      case 'delivered':
        events.delete(entry.event);
        return undefined;
    }
  }

  function* liveEntries(): Generator<JournalEntry> {
    for (const { name, versioned, createdAt, versions } of buckets.values()) {
      yield { type: 'bucket', name, versioned, createdAt };
      for (const [key, list] of versions) {
        for (const version of list) yield { type: 'put', bucket: name, key, version };
      }
    }
    for (const event of events.values()) yield { type: 'event', event };
  }

  const journal = openJournal(join(directory, 'journal.jsonl'), apply);

  function compactIfWorthIt(): void {
    const needed = versionCount + events.size + buckets.size;
    const lines = journal.length();
    if (lines < compactAt || lines < needed + SPARE_LINES || lines < 2 * needed) return;
    try {
      journal.rewrite(liveEntries());
    } catch {
      // A long journal works as well as a short one; the change that led here is recorded.
      compactAt = lines + SPARE_LINES;
    }
  }

  function record(entry: JournalEntry): void {
    journal.append(entry);
    const gone = apply(entry);
    if (gone?.kind === 'object') files.remove(gone.id);
    compactIfWorthIt();
  }

  function nextSequencer(): string {
    const byClock = BigInt(now()) << 16n;
    const next = byClock > lastSequencer ? byClock : lastSequencer + 1n;
    return next.toString(16).toUpperCase().padStart(18, '0');
  }

  compactIfWorthIt();
  const known = new Set<string>();
  for (const { versions } of buckets.values()) {
    for (const list of versions.values()) for (const version of list) known.add(version.id);
  }
  await files.sweep((id) => known.has(id));

  return {
    files,
    buckets: () => [...buckets.values()],
    bucket,
    createBucket: (name, versioned) => {
      const existing = buckets.get(name);
      if (existing && (existing.versioned || !versioned)) return;
      record({ type: 'bucket', name, versioned, createdAt: existing?.createdAt ?? now() });
    },
    put: ({ bucket: into, key, draft, contentPath, assertAllowed, eventsFor }) => {
      assertAllowed(currentVersion(into, key));
      const version: StoredObject = {
        ...draft,
        kind: 'object',
        id: files.newId(),
        versionId: into.versioned ? newVersionId() : NULL_VERSION,
        lastModified: now(),
        sequencer: nextSequencer(),
      };
      const pending = eventsFor(version);
      files.place(contentPath, version.id);
      const entry = { type: 'put', bucket: into.name, key, version } as const;
      try {
        record(pending.length === 0 ? entry : { ...entry, events: pending });
      } catch (error) {
        files.remove(version.id);
        throw error;
      }
      return version;
    },
    addDeleteMarker: (into, key) => {
      const version: DeleteMarker = {
        kind: 'marker',
        id: files.newId(),
        versionId: newVersionId(),
        lastModified: now(),
      };
      record({ type: 'put', bucket: into.name, key, version });
      return version;
    },
    remove: (from, key, { id }) => record({ type: 'remove', bucket: from.name, key, id }),
    setTags: (of, key, { id }, tags) => record({ type: 'tags', bucket: of.name, key, id, tags }),
    pendingEvents: () => [...events.values()],
    markDelivered: (event) => record({ type: 'delivered', event }),
    close: () => journal.close(),
  };
}
