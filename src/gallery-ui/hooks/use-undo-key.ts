import { useEffect } from 'react';
import type { Gallery } from '../model.ts';

/** Ctrl+Z, or Cmd+Z, takes the last deletion back; in a text field it is the field's own. */
export function useUndoKey(gallery: Gallery): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === 'z';
      const last = gallery.getSnapshot().deletions.at(-1);
      if (isUndo && last && !(event.target instanceof HTMLInputElement)) {
        event.preventDefault();
        gallery.undoRemove(last.id);
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [gallery]);
}
