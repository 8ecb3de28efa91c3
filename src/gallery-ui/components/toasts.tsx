import type { Notice } from '../hooks/use-notices.ts';
import type { Gallery, Snapshot } from '../model.ts';
import { countOf } from '../view/words.ts';
import { IconButton } from './icon-button.tsx';
import { Icon } from './icons.tsx';

interface ToastsProps {
  gallery: Gallery;
  snapshot: Snapshot;
  notices: readonly Notice[];
  onUndo: (deletionId: string) => void;
}

/** Short messages at the bottom; a deletion's stays for as long as it can be undone. */
export function Toasts({ gallery, snapshot, notices, onUndo }: ToastsProps) {
  const { deletions, deleteProblem } = snapshot;
  return (
    <section className="toasts" aria-label="Messages">
      {deleteProblem !== null && (
        <div className="toast problem" role="alert">
          <Icon name="warning" />
          <span>{deleteProblem}</span>
          <IconButton
            icon="close"
            label="Dismiss message"
            onClick={() => gallery.dismissDeleteProblem()}
          />
        </div>
      )}
      <div aria-live="polite">
        {deletions.map((deletion) => (
          <div className="toast" key={deletion.id}>
            <span>{countOf(deletion.count, 'picture')} deleted</span>
            <button
              type="button"
              className="button quiet"
              aria-keyshortcuts="Control+Z Meta+Z"
              onClick={() => onUndo(deletion.id)}
            >
              Undo
            </button>
          </div>
        ))}
        {notices.map((notice) => (
          <div className="toast" key={notice.id}>
            <span>{notice.text}</span>
          </div>
        ))}
      </div>
    </section>
  );
}
