import { coverKeys } from '../../domain/key-prefixes.ts';
import { createBackoff } from '../../shared/backoff.ts';
import type { CdnInvalidator } from '../../shared/cdn-invalidator.ts';
import type { AuditStore, ListedObject } from '../../shared/object-store/audit.ts';
import { type AskStoreDeps, makeAskStore } from './ask-store.ts';
import { compareBytes, type ListedPage, listPage } from './audit-range.ts';
import { inOrder } from './in-order.ts';
import {
  type AuditOnePage,
  type AuditPage,
  type AuditStage,
  type Intents,
  noStats,
} from './model.ts';
import type { Stage, StageRun, Worked } from './stage.ts';
import { contentTypesStage } from './stage-content-types.ts';
import { copyThumbnailsStage } from './stage-copy-thumbnails.ts';
import { deleteThumbnailsStage } from './stage-delete-thumbnails.ts';

export interface AuditPageDeps extends AskStoreDeps {
  objects: AuditStore;
  cdn: Pick<CdnInvalidator, 'forgetBelow'>;
  /** Objects; 1,000 unless told, which is also the most that the store lists or deletes at once. */
  pageSize?: number | undefined;
}

const STAGES: Record<AuditStage, Stage> = {
  1: contentTypesStage,
  2: copyThumbnailsStage,
  3: deleteThumbnailsStage,
};

const PAGE_SIZE = 1000;
/** Objects in work at a time; how many requests that makes a second is the pacer's business. */
const CONCURRENCY = 32;
/** CloudFront does 15 of these at a time: those of five pages. */
const CDN_PREFIXES_PER_PAGE = 3;
/** With the waits between them about two minutes, in which CloudFront gets on with what it has. */
const CDN_ATTEMPTS = 14;

/**
 * Works off a page as its stage demands. What fails on one object is its error, and the rest goes on.
 * When aborted it finishes what is in work and returns the page as far as that came; where nothing
 * was done yet it throws the signal's reason.
 */
export function makeAuditOnePage(deps: AuditPageDeps): AuditOnePage {
  const ask = makeAskStore(deps);
  const { objects: store, pageSize: most = PAGE_SIZE } = deps;
  return async ({ stage, prefix, dryRun }, { after, remaining, intents }, signal) => {
    signal.throwIfAborted();
    if (remaining === 0) return { ...summary([]), next: after };
    const { isMeant, work, finish, takesAway } = STAGES[stage];
    const page = await listPage(store, ask, { prefix, after, most }, signal);
    const run: StageRun = {
      store,
      ask,
      dryRun,
      intents,
      signal,
      listingHas: page.has,
    };
    const there = takesAway ? withVanished(page, intents) : page.objects;
    const meant = there.filter((object) => !isFolder(object) && isMeant(object.key));
    const wanted = meant.slice(0, remaining ?? meant.length);
    const outcomes = await inOrder(wanted, { concurrency: CONCURRENCY, signal }, (object) =>
      work(run, object),
    );
    if (outcomes.length < wanted.length && outcomes.length === 0) signal.throwIfAborted();
    const worked = pair(wanted, outcomes);
    const finished = finish ? pair(wanted, await finish(run, worked)) : worked;
    if (!dryRun) await tellCdn(deps, finished, signal);
    const isWhole = finished.length === meant.length;
    return { ...summary(finished), next: isWhole ? page.next : lastKey(finished) };
  };
}

/** With what an earlier run of the job has changed and not counted, as far as the page reaches. */
function withVanished({ objects, has }: ListedPage, { earlier }: Intents): ListedObject[] {
  const vanished = [...earlier.keys()].filter((key) => has(key) === false);
  if (vanished.length === 0) return objects;
  return [...objects, ...vanished.map((key) => ({ key, etag: '', sizeBytes: 0 }))].sort(
    (one, other) => compareBytes(one.key, other.key),
  );
}

/** What consoles make in place of folders. */
function isFolder({ key, sizeBytes }: ListedObject): boolean {
  return key.endsWith('/') && sizeBytes === 0;
}

function pair(objects: readonly ListedObject[], outcomes: readonly Worked['outcome'][]): Worked[] {
  return outcomes.flatMap((outcome, index) => {
    const object = objects[index];
    return object === undefined ? [] : [{ object, outcome }];
  });
}

function lastKey(worked: readonly Worked[]): string | null {
  return worked.at(-1)?.object.key ?? null;
}

function summary(worked: readonly Worked[]): Omit<AuditPage, 'next'> {
  const stats = noStats();
  const errors: AuditPage['errors'] = [];
  const changes: AuditPage['changes'] = [];
  const left: NonNullable<AuditPage['left']> = [];
  for (const { object, outcome } of worked) {
    const { counter, change, reason } = outcome;
    stats.processed += 1;
    stats[counter] += 1;
    if (counter === 'errors') errors.push({ key: object.key, reason: reason ?? 'it failed' });
    else if (change) changes.push(change);
    else if (reason !== undefined) left.push({ key: object.key, outcome: counter, reason });
  }
  return { stats, errors, changes, left };
}

/**
 * Tells the CDN to forget what may have another Content-Type there. Waits while CloudFront has too
 * much to do, and throws at last: run again, the page finds its objects written lately and tells then.
 */
async function tellCdn(
  { cdn, logger }: AuditPageDeps,
  worked: readonly Worked[],
  signal: AbortSignal,
): Promise<void> {
  const stale = worked.flatMap(({ object, outcome }) => (outcome.isStaleInCdn ? object.key : []));
  if (stale.length === 0) return;
  const prefixes = coverKeys(stale, CDN_PREFIXES_PER_PAGE);
  const backoff = createBackoff(signal);
  for (;;) {
    try {
      await cdn.forgetBelow(prefixes);
      return;
    } catch (error) {
      backoff.failed();
      logger.warn({ attempt: backoff.failures, err: error }, 'audit.cdn_not_told');
      if (backoff.failures >= CDN_ATTEMPTS || signal.aborted) throw error;
      await backoff.wait();
    }
  }
}
