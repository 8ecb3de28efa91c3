import type { Gallery, Snapshot } from '../model.ts';
import { Icon } from './icons.tsx';

/** What is below the last picture: more to come, a problem, or the end. */
export function GalleryEnd({ gallery, snapshot }: { gallery: Gallery; snapshot: Snapshot }) {
  const { keys, hasMore, loading, loadProblem } = snapshot;
  if (loadProblem !== null) {
    return (
      <div className="load-problem" role="alert">
        <Icon name="warning" />
        <p>{loadProblem}</p>
        <button type="button" className="button" onClick={() => gallery.loadMore()}>
          Try again
        </button>
      </div>
    );
  }
  if (loading !== 'none') {
    return (
      <p className="for-screen-readers" role="status">
        Loading pictures
      </p>
    );
  }
  return keys.length > 0 && !hasMore ? <p className="the-end">That is all of them.</p> : null;
}
