import { contentTypeOf } from '../../domain/image-format.ts';
import { isThumbnail } from '../../domain/thumbnail-keys.ts';
import type { InspectedObject } from '../../shared/object-store/audit.ts';
import {
  copy,
  doneEarlier,
  errorOf,
  formatOf,
  gone,
  LOOKS,
  type Outcome,
  obstacleTo,
  replacedAgain,
  type Stage,
  type StageRun,
} from './stage.ts';

/**
 * A run that was killed between a fix and the word to the CDN leaves an object that is right, and a
 * CDN that has it wrong. So what was written lately is told of again, which costs nothing but a
 * question from the CDN. As long as pictures are kept that say nothing about it themselves.
 */
const LATELY_MS = 24 * 3600 * 1000;

/** Stage 1: main images get the Content-Type that their bytes prove. */
export const contentTypesStage: Stage = {
  isMeant: (key) => !isThumbnail(key),

  async work(run, { key }) {
    // Only the first look may be given up: what was begun is brought to its end.
    for (let look = 1; look <= LOOKS; look += 1) {
      const signal = look === 1 ? run.signal : null;
      const { value: object, failure } = await run.ask(() => run.store.inspect(key), signal);
      if (failure) return failure.kind === 'missing' ? gone() : errorOf(failure);
      const outcome = await settle(run, object);
      if (outcome !== 'again') return outcome;
    }
    return replacedAgain();
  },
};

async function settle(run: StageRun, object: InspectedObject): Promise<Outcome | 'again'> {
  const found = formatOf(object);
  if ('reason' in found) return { counter: 'skipped', reason: found.reason };
  const { key, contentType: from } = object;
  const to = contentTypeOf(found.format);
  if (from === to) {
    const earlier = doneEarlier(run, key, to);
    if (earlier) return { counter: 'fixed', change: earlier, isStaleInCdn: true };
    return { counter: 'already_correct', isStaleInCdn: isRecent(object) };
  }
  const obstacle = obstacleTo(object);
  if (obstacle) return obstacle;
  const change = { key, from: from ?? '', to };
  const refusal = run.dryRun
    ? null
    : await copy(run, { from: object, toKey: key, contentType: to }, change);
  return refusal ?? { counter: 'fixed', change, isStaleInCdn: true };
}

function isRecent({ lastModified }: InspectedObject): boolean {
  return lastModified !== null && Date.now() - lastModified.getTime() < LATELY_MS;
}
