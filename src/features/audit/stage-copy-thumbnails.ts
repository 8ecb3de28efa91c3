import { contentTypeOf } from '../../domain/image-format.ts';
import { isPngThumbnail, jpegKeyOf } from '../../domain/thumbnail-keys.ts';
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

/** Stage 2: `thumb_*.png` that are JPEG are copied to `thumb_*.jpg`, where nothing is yet. */
export const copyThumbnailsStage: Stage = {
  isMeant: isPngThumbnail,

  async work(run, { key }) {
    const jpegKey = jpegKeyOf(key);
    for (let look = 1; look <= LOOKS; look += 1) {
      const signal = look === 1 ? run.signal : null;
      // A copy that was refused may have found something that the listing did not.
      const exists = look === 1 ? run.listingHas(jpegKey) : null;
      const there = exists ?? (await isThere(run, jpegKey, signal));
      if (typeof there === 'object') return there;
      if (there) {
        const earlier = look === 1 ? doneEarlier(run, key, jpegKey) : null;
        return earlier ? { counter: 'copied', change: earlier } : { counter: 'already_exists' };
      }
      const { value: object, failure } = await run.ask(() => run.store.inspect(key), signal);
      if (failure) return failure.kind === 'missing' ? gone() : errorOf(failure);
      const outcome = await settle(run, object, jpegKey);
      if (outcome !== 'again') return outcome;
    }
    return replacedAgain();
  },
};

async function isThere(
  run: StageRun,
  key: string,
  signal: AbortSignal | null,
): Promise<boolean | Outcome> {
  const { failure } = await run.ask(() => run.store.inspect(key), signal);
  if (failure === undefined || failure.isArchived) return true;
  return failure.kind === 'missing' ? false : errorOf(failure);
}

async function settle(
  run: StageRun,
  object: InspectedObject,
  jpegKey: string,
): Promise<Outcome | 'again'> {
  const found = formatOf(object);
  if ('reason' in found) return { counter: 'skipped_not_jpeg', reason: found.reason };
  const contentType = contentTypeOf(found.format);
  if (found.format !== 'jpeg') {
    return { counter: 'skipped_not_jpeg', reason: `its bytes are ${contentType}` };
  }
  const obstacle = obstacleTo(object);
  if (obstacle) return obstacle;
  const { key } = object;
  const change = { key, from: key, to: jpegKey };
  const refusal = run.dryRun
    ? null
    : await copy(run, { from: object, toKey: jpegKey, contentType }, change);
  return refusal ?? { counter: 'copied', change };
}
