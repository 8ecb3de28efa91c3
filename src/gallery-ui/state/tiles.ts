import { type Received, type SignedUrl, staleAt } from '../api/images.ts';
import type { ServerClock } from '../api/server-clock.ts';
import type { Access, GalleryImage, Tile } from '../model.ts';
import { createListeners, type Listeners } from './listeners.ts';

/**
 * All tiles by key, whether in the grid or not, and who listens to each. A change of one tile costs
 * the same however many there are.
 */
export interface Tiles {
  get(key: string): Tile | undefined;
  /** The key under which an image is, or would be. */
  keyOf(imageId: string): string;
  /** Makes the tile, unless there is one. */
  put(tile: Tile): void;
  change(key: string, change: Partial<Omit<Tile, 'key'>>): void;
  /** Takes in what the service says of an image; the key of its tile, null when it was deleted here. */
  receive(received: Received): string | null;
  /**
   * From now on the image of this tile is this one; null: none. Whatever comes in late about the one
   * before is ignored.
   */
  bind(key: string, received: Received | null): void;
  /** Takes the tile away; its image may come back, such as by another listing. */
  drop(key: string): void;
  /** Takes the tile away; its image is no more. */
  delete(key: string): void;
  /** When the thumbnail has to be asked for again, by the service's clock; at once without one. */
  thumbnailStaleAt(tile: Tile): number;
  subscribe(key: string, listener: () => void): () => void;
}

export interface TilesDeps {
  clock: Pick<ServerClock, 'now' | 'toLocal'>;
  /** Told when the image of a tile is made, has changed, or is no more (null); not of listed ones. */
  onImage(key: string, image: GalleryImage | null, before: GalleryImage | null): void;
}

export function createTiles({ clock, onImage }: TilesDeps): Tiles {
  const tiles = new Map<string, Tile>();
  const listeners = new Map<string, Listeners>();
  // Only of images whose key is not their id. They stay, so that a picture of this tab's keeps its
  // key when another listing finds it.
  const keys = new Map<string, string>();
  const ignored = new Set<string>();
  const signed = new WeakMap<Access, SignedUrl>();

  function tell(key: string): void {
    listeners.get(key)?.tell();
  }

  function set(tile: Tile): void {
    tiles.set(tile.key, tile);
    tell(tile.key);
  }

  function remove(key: string): Tile | undefined {
    const tile = tiles.get(key);
    if (tiles.delete(key)) tell(key);
    return tile;
  }

  function thumbnailStaleAt({ thumbnail }: Tile): number {
    const url = thumbnail && signed.get(thumbnail);
    return url ? staleAt(url) : 0;
  }

  function toAccess(url: SignedUrl): Access {
    const access = { url: url.url, expiresAt: clock.toLocal(url.expiresAt) };
    signed.set(access, url);
    return access;
  }

  function update(tile: Tile, { image, thumbnail }: Received): void {
    const before = tile.image;
    // Answers overtake each other; what is READY or FAILED stays so.
    if (before !== null && before.status !== 'PENDING' && image.status === 'PENDING') return;
    const isSame = before !== null && sameImage(before, image);
    // Every answer has another URL; one that is good yet is kept, as the picture it has loaded is.
    const keepsThumbnail = thumbnail === null || thumbnailStaleAt(tile) > clock.now();
    if (isSame && keepsThumbnail) return;
    set({
      ...tile,
      image: isSame ? before : image,
      thumbnail: keepsThumbnail ? tile.thumbnail : toAccess(thumbnail),
      upload: image.status === 'PENDING' ? tile.upload : null,
    });
  }

  /** A tile that was there before has another image. */
  function updateAndTell(tile: Tile, received: Received): void {
    update(tile, received);
    const image = tiles.get(tile.key)?.image ?? null;
    if (image !== tile.image) onImage(tile.key, image, tile.image);
  }

  return {
    get: (key) => tiles.get(key),
    keyOf: (imageId) => keys.get(imageId) ?? imageId,
    put(tile) {
      if (!tiles.has(tile.key)) set(tile);
    },
    change(key, change) {
      const tile = tiles.get(key);
      if (tile !== undefined) set({ ...tile, ...change });
    },
    receive(received) {
      const { id, fileName } = received.image;
      if (ignored.has(id)) return null;
      const key = keys.get(id) ?? id;
      const tile = tiles.get(key);
      if (tile !== undefined) updateAndTell(tile, received);
      else update({ ...EMPTY_TILE, key, fileName }, received);
      return key;
    },
    bind(key, received) {
      const tile = tiles.get(key);
      if (tile === undefined) return;
      const unbound = { ...tile, image: null, thumbnail: null };
      if (tile.image !== null) {
        ignored.add(tile.image.id);
        onImage(key, null, tile.image);
      }
      if (received === null) {
        set(unbound);
        return;
      }
      keys.set(received.image.id, key);
      updateAndTell(unbound, received);
    },
    drop: remove,
    delete(key) {
      const image = remove(key)?.image ?? null;
      if (image === null) return;
      ignored.add(image.id);
      onImage(key, null, image);
    },
    thumbnailStaleAt,
    subscribe(key, listener) {
      const ofKey = listeners.get(key) ?? createListeners();
      listeners.set(key, ofKey);
      const stop = ofKey.add(listener);
      return () => {
        stop();
        if (ofKey.isEmpty() && listeners.get(key) === ofKey) listeners.delete(key);
      };
    },
  };
}

const EMPTY_TILE = { image: null, upload: null, previewUrl: null, thumbnail: null } as const;

function sameImage(one: GalleryImage, other: GalleryImage): boolean {
  return (Object.keys(one) as (keyof GalleryImage)[]).every((field) => one[field] === other[field]);
}
