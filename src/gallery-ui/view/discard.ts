import type { Gallery } from '../model.ts';

/** Takes tiles out of the grid, each in the way of its kind; only what the service has can be undone. */
export function discard(gallery: Gallery, keys: readonly string[]): void {
  const images: string[] = [];
  for (const key of keys) {
    const tile = gallery.getTile(key);
    const state = tile?.upload?.state;
    if (state === 'queued' || state === 'uploading') {
      gallery.cancelUpload(key);
    } else if (state === 'failed' || state === 'canceled') {
      gallery.dismiss(key);
    } else if (tile?.image) {
      images.push(key);
    }
  }
  if (images.length > 0) {
    gallery.remove(images);
  }
}
