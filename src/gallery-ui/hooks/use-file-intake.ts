import { useLayoutEffect, useState } from 'react';
import { carriesFiles, filesOf } from '../view/dropped-files.ts';

/**
 * Takes files that are dropped anywhere on the page or pasted.
 *
 * @returns whether files are being dragged over the page
 */
export function useFileIntake(addFiles: (files: File[]) => void): boolean {
  const [dragging, setDragging] = useState(false);

  // Before the page is shown: a file dropped in between would take the page's place in the tab.
  useLayoutEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (carriesFiles(event.dataTransfer)) {
        // Without this the browser leaves the page and shows the file.
        event.preventDefault();
        if (event.dataTransfer) {
          event.dataTransfer.dropEffect = 'copy';
        }
        setDragging(true);
      }
    };
    const onDragLeave = (event: DragEvent) => {
      // Null when the pointer leaves the window, not just one element for the next.
      if (event.relatedTarget === null) {
        setDragging(false);
      }
    };
    const onDrop = (event: DragEvent) => {
      setDragging(false);
      if (event.dataTransfer && carriesFiles(event.dataTransfer)) {
        event.preventDefault();
        void filesOf(event.dataTransfer).then((files) => files.length > 0 && addFiles(files));
      }
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0 && !isTextFor(event)) {
        event.preventDefault();
        addFiles(files);
      }
    };
    window.addEventListener('dragenter', onDragOver);
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('dragleave', onDragLeave);
    window.addEventListener('drop', onDrop);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('dragenter', onDragOver);
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('dragleave', onDragLeave);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('paste', onPaste);
    };
  }, [addFiles]);

  return dragging;
}

/** Office programs put a picture of the text beside the text: in a text field the text is meant. */
function isTextFor(event: ClipboardEvent): boolean {
  const types = event.clipboardData?.types ?? [];
  return event.target instanceof HTMLInputElement && types.includes('text/plain');
}
