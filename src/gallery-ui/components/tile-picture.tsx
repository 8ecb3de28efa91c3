import { useState } from 'react';
import type { Gallery, Tile } from '../model.ts';
import { placeholderUrl } from '../view/placeholder.ts';
import { Icon } from './icons.tsx';

/** In layers: a blurred placeholder or the picked file, and over it the thumbnail when it is there. */
export function TilePicture({ gallery, tile }: { gallery: Gallery; tile: Tile }) {
  const [loadedUrl, setLoadedUrl] = useState<string | null>(null);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const { image, previewUrl, thumbnail } = tile;
  // A fresh signature is no reason to load the same picture again.
  const thumbnailUrl = loadedUrl ?? thumbnail?.url;
  const preview = previewUrl === unreadable ? null : previewUrl;
  const below = preview ?? (image?.thumbhash ? placeholderUrl(image.thumbhash) : null);
  return (
    <span className="tile-picture">
      {below === null && thumbnailUrl === undefined && (
        <Icon name={image?.status === 'PENDING' ? 'clock' : 'picture'} />
      )}
      {image?.status === 'PENDING' && !tile.upload && (
        <span className="tile-note">Not uploaded yet</span>
      )}
      {below !== null && (
        // A browser may not know the type, or the file may be no picture at all.
        <img src={below} alt="" draggable={false} onError={() => setUnreadable(below)} />
      )}
      {thumbnailUrl !== undefined && (
        <img
          src={thumbnailUrl}
          alt=""
          draggable={false}
          className="thumbnail"
          data-loaded={loadedUrl !== null}
          onLoad={() => setLoadedUrl(thumbnailUrl)}
          onError={() => {
            setLoadedUrl(null);
            gallery.thumbnailBroken(tile.key);
          }}
        />
      )}
    </span>
  );
}
