import type { AuditStore, ListedObject } from '../../shared/object-store/audit.ts';
import type { AskStore } from './ask-store.ts';

/** What is below was validated and is served pinned to its version. */
const EXCLUDED = ['ingest/', 'thumbnails/'];
/** Sorts behind every character that a name is likely to have; what comes later is left out anyway. */
const LAST_CHARACTER = '\u{10fffd}';

export interface ListedPage {
  objects: ListedObject[];
  /** The last key of the listing, also where it is not among the objects; null at its end. */
  next: string | null;
  /** Whether there is an object of that key: null where this part of the listing does not tell. */
  has(key: string): boolean | null;
}

/**
 * A page of what may be audited: up to `most` objects below the prefix. Of the excluded folders at
 * most one page is listed, where it begins outside of them; the rest is jumped over.
 */
export async function listPage(
  store: Pick<AuditStore, 'listObjects'>,
  ask: AskStore,
  { prefix, after, most }: { prefix: string; after: string | null; most: number },
  signal: AbortSignal,
): Promise<ListedPage> {
  if (EXCLUDED.some((folder) => prefix.startsWith(folder))) {
    return { objects: [], next: null, has: () => null };
  }
  for (let from = after; ; ) {
    const start = behindExcluded(from);
    const { value, failure } = await ask(() => store.listObjects(prefix, start, most), signal);
    if (failure) throw new Error(`the objects cannot be listed: ${failure.reason}`);
    const last = value.objects.at(-1)?.key ?? null;
    const objects = value.objects.filter(({ key }) => !isExcluded(key));
    if (objects.length > 0 || value.isLast || last === null) {
      const keys = new Set(value.objects.map(({ key }) => key));
      const isCovered = (key: string) =>
        key.startsWith(prefix) &&
        (start === null || compareBytes(key, start) > 0) &&
        (value.isLast || (last !== null && compareBytes(key, last) <= 0));
      return {
        objects,
        next: value.isLast ? null : last,
        has: (key) => keys.has(key) || (isCovered(key) ? false : null),
      };
    }
    from = last;
  }
}

function isExcluded(key: string): boolean {
  return EXCLUDED.some((folder) => key.startsWith(folder));
}

function behindExcluded(key: string | null): string | null {
  const folder = key === null ? undefined : EXCLUDED.find((each) => key.startsWith(each));
  if (folder === undefined || key === null) return key;
  const end = `${folder}${LAST_CHARACTER}`;
  return compareBytes(key, end) < 0 ? end : key;
}

/** As the store sorts; JavaScript compares UTF-16, where characters beyond U+FFFF come too early. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
