import { useCallback, useRef, useState } from 'react';
import { useFileIntake } from '../hooks/use-file-intake.ts';
import { useFilterForm } from '../hooks/use-filter-form.ts';
import { useSnapshot } from '../hooks/use-gallery.ts';
import { useNotices } from '../hooks/use-notices.ts';
import { useSelection } from '../hooks/use-selection.ts';
import { useUndoKey } from '../hooks/use-undo-key.ts';
import { useUploadTotals } from '../hooks/use-upload-totals.ts';
import type { Gallery } from '../model.ts';
import { discard } from '../view/discard.ts';
import { countFilters, EMPTY_FORM } from '../view/filter-form.ts';
import { isKeyboardUse } from '../view/keyboard-use.ts';
import type { UploadSummary } from '../view/upload-summary.ts';
import { DropZone } from './drop-zone.tsx';
import { EmptyGallery } from './empty-gallery.tsx';
import { FilterBar } from './filter-bar.tsx';
import { GalleryEnd } from './gallery-end.tsx';
import { Lightbox } from './lightbox.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { PageHeader } from './page-header.tsx';
import { type GridHandle, PictureGrid } from './picture-grid.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { SkeletonGrid } from './skeleton-grid.tsx';
import { Toasts } from './toasts.tsx';
import { UploadAnnouncer } from './upload-announcer.tsx';

export function App({ gallery, summary }: { gallery: Gallery; summary: UploadSummary }) {
  const snapshot = useSnapshot(gallery);
  const totals = useUploadTotals(summary);
  const [form, setForm] = useFilterForm(gallery);
  const selection = useSelection(gallery, snapshot);
  const { notices, notify } = useNotices();
  const [openKey, setOpenKey] = useState<string | null>(null);
  const grid = useRef<GridHandle>(null);
  useUndoKey(gallery);

  const addFiles = useCallback(
    (files: Iterable<File>) => {
      gallery.addFiles(files);
      setOpenKey(null);
      // New pictures are the first ones.
      window.scrollTo({ top: 0 });
    },
    [gallery],
  );
  const dragging = useFileIntake(addFiles);

  const closeLightbox = useCallback(() => {
    setOpenKey((key) => {
      if (key !== null) {
        grid.current?.focusTile(key);
      }
      return null;
    });
  }, []);
  const { drop } = selection;
  const remove = useCallback(
    (keys: readonly string[]) => {
      discard(gallery, keys);
      drop(keys);
    },
    [gallery, drop],
  );

  /** For controls that are gone once they are used. */
  const backToGrid = (action: () => void) => {
    const keepFocus = isKeyboardUse() && openKey === null;
    action();
    if (keepFocus) {
      grid.current?.focusTile();
    }
  };

  const isEmpty = snapshot.keys.length === 0;
  const toasts = (
    <Toasts
      gallery={gallery}
      snapshot={snapshot}
      notices={notices}
      onUndo={(id) => backToGrid(() => gallery.undoRemove(id))}
    />
  );
  return (
    <>
      <PageHeader form={form} onChange={setForm} totals={totals} onFiles={addFiles} />
      {!snapshot.online && <OfflineBanner />}
      <main>
        <FilterBar
          form={form}
          onChange={setForm}
          totalCount={snapshot.totalCount}
          onReload={() => gallery.reload()}
        />
        {isEmpty && snapshot.loading !== 'none' && <SkeletonGrid />}
        {isEmpty && snapshot.loading === 'none' && snapshot.loadProblem === null && (
          <EmptyGallery
            filtered={countFilters(form) > 0}
            onClear={() => setForm({ ...EMPTY_FORM, order: form.order })}
            onFiles={addFiles}
          />
        )}
        {!isEmpty && (
          <PictureGrid
            ref={grid}
            gallery={gallery}
            snapshot={snapshot}
            selection={selection}
            onOpen={setOpenKey}
            onRemove={remove}
          />
        )}
        <GalleryEnd gallery={gallery} snapshot={snapshot} />
        {dragging && <DropZone />}
      </main>
      {selection.keys.size > 0 && (
        <SelectionBar
          selection={selection}
          onRemove={(keys) => backToGrid(() => remove(keys))}
          onClear={() => backToGrid(selection.clear)}
        />
      )}
      {openKey === null && toasts}
      {openKey !== null && (
        <Lightbox
          gallery={gallery}
          snapshot={snapshot}
          openKey={openKey}
          onMove={setOpenKey}
          onClose={closeLightbox}
          onRemove={remove}
          notify={notify}
        >
          {toasts}
        </Lightbox>
      )}
      <UploadAnnouncer totals={totals} />
    </>
  );
}
