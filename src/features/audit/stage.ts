import { detectFormat, FORMAT_HEAD_BYTES, type ImageFormat } from '../../domain/image-format.ts';
import {
  type AuditCopy,
  type AuditStore,
  type InspectedObject,
  type ListedObject,
  MAX_COPY_BYTES,
} from '../../shared/object-store/audit.ts';
import type { StoreFailure } from '../../shared/object-store/failures.ts';
import type { AskStore } from './ask-store.ts';
import type { AuditChange, AuditStats, Intents } from './model.ts';

/** What became of one object. */
export interface Outcome {
  /** Where it counts; everything counts as `processed` besides. */
  counter: Exclude<keyof AuditStats, 'processed'>;
  change?: AuditChange;
  /** Why it is an error, or why it was left as it is. */
  reason?: string;
  /** The CDN may still have it with the type it had before. */
  isStaleInCdn?: boolean;
}

/** What the stages work with. */
export interface StageRun {
  store: AuditStore;
  ask: AskStore;
  dryRun: boolean;
  intents: Intents;
  signal: AbortSignal;
  /** What the page's listing tells of a key; null: nothing. */
  listingHas(key: string): boolean | null;
}

export interface Stage {
  /** Whether it is one of its objects; of others nothing is read. */
  isMeant(key: string): boolean;
  /** Looks at one object. Rejects where nothing can be said of any. */
  work(run: StageRun, object: ListedObject): Promise<Outcome>;
  /** What an earlier run has changed is not listed any more, and is to be counted all the same. */
  takesAway?: true;
  /** Does for all objects of a page what is better done at once. Returns the outcomes after that. */
  finish?(run: StageRun, worked: readonly Worked[]): Promise<Outcome[]>;
}

export interface Worked {
  object: ListedObject;
  outcome: Outcome;
}

/** How often an object is looked at that is replaced again and again under our hands. */
export const LOOKS = 3;

export function errorOf({ reason }: StoreFailure): Outcome {
  return { counter: 'errors', reason };
}

/** An object can be deleted after it was listed. */
export function gone(): Outcome {
  return { counter: 'skipped', reason: 'it was deleted meanwhile' };
}

export function replacedAgain(): Outcome {
  return { counter: 'errors', reason: 'it was replaced meanwhile: run the stage again' };
}

/** The format that an object's first bytes tell, or in words why they tell none. */
export function formatOf({ head }: InspectedObject): { format: ImageFormat } | { reason: string } {
  if (head.length < FORMAT_HEAD_BYTES) {
    return { reason: `it has only ${head.length} bytes: too few to tell a format` };
  }
  const format = detectFormat(head);
  return format === 'unknown' ? { reason: 'its bytes are of no known image format' } : { format };
}

/** Why an object cannot be copied without losing something, or at all; null where it can. */
export function obstacleTo({ sizeBytes, hasHiddenMetadata }: InspectedObject): Outcome | null {
  if (sizeBytes > MAX_COPY_BYTES) {
    return { counter: 'errors', reason: 'it has more than 5 GiB: too much for one copy' };
  }
  if (hasHiddenMetadata) {
    return { counter: 'errors', reason: 'it has metadata that a copy would lose' };
  }
  return null;
}

/** What an earlier run of the job did to that object, where it was killed before it could count it. */
export function doneEarlier({ intents }: StageRun, key: string, to: string): AuditChange | null {
  const change = intents.earlier.get(key);
  return change?.to === to ? change : null;
}

/** Null when it is copied; `again` when it has to be looked at again. */
export async function copy(
  run: StageRun,
  what: AuditCopy,
  change: AuditChange,
): Promise<Outcome | 'again' | null> {
  await run.intents.add(change);
  const { failure } = await run.ask(() => run.store.copyAs(what), null);
  if (failure === undefined) return null;
  return failure.kind === 'changed' || failure.kind === 'missing' ? 'again' : errorOf(failure);
}
