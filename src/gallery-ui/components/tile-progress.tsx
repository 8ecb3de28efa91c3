import type { Gallery, Tile } from '../model.ts';
import { UPLOAD_WORDS } from '../view/tile-name.ts';
import { percentOf } from '../view/words.ts';
import { IconButton } from './icon-button.tsx';

interface TileProgressProps {
  gallery: Gallery;
  tile: Tile;
  tabIndex: number;
}

/** Over the picture of an upload that is under way; nothing on any other tile. */
export function TileProgress({ gallery, tile, tabIndex }: TileProgressProps) {
  const { upload, fileName, key } = tile;
  if (!upload || upload.state === 'failed' || upload.state === 'canceled') {
    return null;
  }
  const percent = percentOf(upload.sentBytes, upload.totalBytes);
  const isUploading = upload.state === 'uploading';
  return (
    <>
      {upload.state !== 'checking' && (
        <IconButton
          icon="close"
          label={`Cancel ${fileName}`}
          className="tile-corner"
          tabIndex={tabIndex}
          onClick={() => gallery.cancelUpload(key)}
        />
      )}
      <div className="tile-progress">
        <span className="tile-file">{fileName}</span>
        <span>{isUploading ? `${percent} %` : UPLOAD_WORDS[upload.state]}</span>
        <progress
          aria-label={`${UPLOAD_WORDS[upload.state]} ${fileName}`}
          max={100}
          // Without a value: nobody knows how long the checks take.
          {...(upload.state === 'checking' ? {} : { value: percent })}
        />
      </div>
    </>
  );
}
