import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTile } from '../hooks/use-gallery.ts';
import { useLightboxKeys } from '../hooks/use-lightbox-keys.ts';
import { useNeighbours } from '../hooks/use-neighbours.ts';
import { usePicture } from '../hooks/use-picture.ts';
import type { Gallery, Snapshot } from '../model.ts';
import { IconButton } from './icon-button.tsx';
import { LightboxActions } from './lightbox-actions.tsx';
import { LightboxStage } from './lightbox-stage.tsx';
import { PictureDetails } from './picture-details.tsx';

interface LightboxProps {
  gallery: Gallery;
  snapshot: Snapshot;
  openKey: string;
  onMove: (key: string) => void;
  onClose: () => void;
  onRemove: (keys: readonly string[]) => void;
  notify: (text: string) => void;
  /** Messages: what is outside of an open dialog cannot be reached. */
  children: ReactNode;
}

/** One picture in full, over the page. */
export function Lightbox(props: LightboxProps) {
  const { gallery, snapshot, openKey, onMove, onClose, onRemove, notify, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [zoomed, setZoomed] = useState(false);
  const [showDetails, setShowDetails] = useState(false);
  const tile = useTile(gallery, openKey);
  const picture = usePicture(gallery, openKey, snapshot.online);
  const around = useNeighbours(gallery, snapshot, openKey, picture.loaded);

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const image = tile?.image;
  useEffect(() => {
    if (!image) {
      onClose();
    }
  }, [image, onClose]);

  const move = (key: string | null) => {
    if (key !== null) {
      setZoomed(false);
      onMove(key);
    }
  };
  const remove = () => {
    onRemove([openKey]);
    const next = around.next ?? around.previous;
    if (next === null) {
      onClose();
    } else {
      move(next);
    }
  };
  useLightboxKeys({
    around,
    zoomed,
    onZoom: setZoomed,
    onMove: move,
    onRemove: remove,
  });

  if (!tile || !image) {
    return null;
  }
  return (
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={tile.fileName}
      onCancel={(event) => {
        // React closes it, with all that is to be done then.
        event.preventDefault();
        onClose();
      }}
    >
      <div className="lightbox-bar">
        <IconButton icon="close" label="Close" onClick={onClose} />
        <h2 aria-live="polite">
          <span className="lightbox-name">{tile.fileName}</span>
          <span className="lightbox-position">{around.position}</span>
        </h2>
        <LightboxActions
          gallery={gallery}
          tile={tile}
          access={picture.access}
          zoomed={zoomed}
          onZoom={setZoomed}
          showDetails={showDetails}
          onShowDetails={setShowDetails}
          onRemove={remove}
          notify={notify}
        />
      </div>
      <div className="lightbox-body">
        <div className="lightbox-view">
          <LightboxStage
            key={openKey}
            tile={tile}
            image={image}
            picture={picture}
            zoomed={zoomed}
            onZoom={setZoomed}
            onSwipe={(step) => move(step > 0 ? around.next : around.previous)}
          />
          {around.previous !== null && (
            <IconButton
              icon="previous"
              label="Previous picture"
              className="lightbox-previous"
              onClick={() => move(around.previous)}
            />
          )}
          {around.next !== null && (
            <IconButton
              icon="next"
              label="Next picture"
              className="lightbox-next"
              onClick={() => move(around.next)}
            />
          )}
        </div>
        {showDetails && <PictureDetails image={image} onClose={() => setShowDetails(false)} />}
      </div>
      {children}
    </dialog>
  );
}
