import type { GrowingBody } from './body.ts';
import type { ErrorPage } from './errors.ts';

/** Headers that go to the viewer, by lower-case name. */
export type ObjectHeaders = Readonly<Record<string, string>>;

export interface CachedObject {
  kind: 'object';
  headers: ObjectHeaders;
  body: GrowingBody;
}

/** What is remembered under a key: an object, or that the origin refused it. */
export type CachedContent = CachedObject | { kind: 'refusal'; page: ErrorPage };

/** Times are milliseconds since 1970. A stale entry is kept: it can be revalidated. */
export interface CacheEntry {
  content: CachedContent;
  storedAt: number;
  expiresAt: number;
}

export interface Cache {
  get(key: string): CacheEntry | undefined;
  set(key: string, entry: CacheEntry): void;
  delete(key: string): void;
  keys(): string[];
}

/** Reckoned per entry for key, headers and bookkeeping, so that empty entries are bounded too. */
const ENTRY_OVERHEAD_BYTES = 1024;

function sizeOf(entry: CacheEntry): number {
  const bytes = entry.content.kind === 'object' ? entry.content.body.length : 0;
  return bytes + ENTRY_OVERHEAD_BYTES;
}

/**
 * An LRU cache in memory. An entry larger than the whole cache is not stored.
 *
 * @param maxBytes sum of the bodies kept, plus 1 KiB an entry
 */
export function createCache(maxBytes: number): Cache {
  // A Map iterates in order of insertion: the first key is the one unused for longest.
  const entries = new Map<string, CacheEntry>();
  let bytes = 0;

  function remove(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= sizeOf(entry);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry;
    },
    set(key, entry) {
      remove(key);
      const size = sizeOf(entry);
      if (size > maxBytes) return;
      for (const oldest of entries.keys()) {
        if (bytes + size <= maxBytes) break;
        remove(oldest);
      }
      entries.set(key, entry);
      bytes += size;
    },
    delete: remove,
    keys: () => [...entries.keys()],
  };
}
