import { isPngThumbnail, jpegKeyOf } from '../../domain/thumbnail-keys.ts';
import { doneEarlier, errorOf, formatOf, type Outcome, type Stage } from './stage.ts';

/** Stage 3: `thumb_*.png` whose `thumb_*.jpg` is there, and is a JPEG, are deleted. */
export const deleteThumbnailsStage: Stage = {
  isMeant: isPngThumbnail,
  takesAway: true,

  async work(run, { key }): Promise<Outcome> {
    const jpegKey = jpegKeyOf(key);
    const earlier = run.listingHas(key) === false ? doneEarlier(run, key, jpegKey) : null;
    if (earlier) return { counter: 'deleted', change: earlier };
    if (run.listingHas(jpegKey) === false) return { counter: 'skipped_no_jpg' };
    const { value: jpeg, failure } = await run.ask(() => run.store.inspect(jpegKey), run.signal);
    if (failure) {
      return failure.kind === 'missing' ? { counter: 'skipped_no_jpg' } : errorOf(failure);
    }
    const found = formatOf(jpeg);
    if ('format' in found && found.format === 'jpeg') {
      return { counter: 'deleted', change: { key, from: key, to: jpegKey } };
    }
    return { counter: 'skipped_no_jpg', reason: 'what is at its .jpg key is no JPEG' };
  },

  async finish(run, worked) {
    const outcomes = worked.map(({ outcome }) => outcome);
    const doomed = worked.flatMap(({ object, outcome }) =>
      outcome.counter === 'deleted' && run.listingHas(object.key) ? [object] : [],
    );
    if (run.dryRun || doomed.length === 0) return outcomes;
    const changes = outcomes.flatMap(({ counter, change }) =>
      counter === 'deleted' && change ? [change] : [],
    );
    await Promise.all(changes.map((change) => run.intents.add(change)));
    const { value: failures, failure } = await run.ask(() => run.store.deleteListed(doomed), null);
    return worked.map(({ object, outcome }) => {
      if (outcome.counter !== 'deleted') return outcome;
      const refusal = failure ?? failures.get(object.key);
      // Gone is what it was to be: an answer may have been lost, and the request sent again.
      return refusal === undefined || refusal.kind === 'missing' ? outcome : errorOf(refusal);
    });
  },
};
