import { failureWords } from '../failure-words.ts';
import type { Gallery, Tile } from '../model.ts';
import { UPLOAD_WORDS } from '../view/tile-name.ts';
import { Icon } from './icons.tsx';

interface TileFailureProps {
  gallery: Gallery;
  tile: Tile;
  tabIndex: number;
  onRemove: (keys: readonly string[]) => void;
}

/** Over the tile of an upload or image that did not succeed: why, and what can be done about it. */
export function TileFailure({ gallery, tile, tabIndex, onRemove }: TileFailureProps) {
  const { upload, image, fileName, key } = tile;
  const isUnsent = upload?.state === 'failed' || upload?.state === 'canceled';
  const words = isUnsent
    ? (upload.problem ?? UPLOAD_WORDS[upload.state])
    : image && failureWords(image);
  if (!words) {
    return null;
  }
  return (
    <div className="tile-failure">
      <span className="tile-failure-head">
        <Icon name="warning" />
        <span className="tile-file">{fileName}</span>
      </span>
      <p title={words}>{words}</p>
      <span className="tile-buttons">
        {isUnsent && upload.canRetry && (
          <button
            type="button"
            className="button small"
            aria-label={`Retry ${fileName}`}
            tabIndex={tabIndex}
            onClick={() => gallery.retryUpload(key)}
          >
            Retry
          </button>
        )}
        <button
          type="button"
          className="button small"
          aria-label={`${isUnsent ? 'Dismiss' : 'Delete'} ${fileName}`}
          tabIndex={tabIndex}
          onClick={() => (isUnsent ? gallery.dismiss(key) : onRemove([key]))}
        >
          {isUnsent ? 'Dismiss' : 'Delete'}
        </button>
      </span>
    </div>
  );
}
