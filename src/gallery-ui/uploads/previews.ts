import type { Environment } from '../environment.ts';
import type { Tiles } from '../state/tiles.ts';

/**
 * Pictures of picked files, straight from disk. Only what is on screen gets one, so that a thousand
 * files cost nothing; and it is taken back when there is a thumbnail and nobody looks.
 */
export interface Previews {
  add(key: string, file: Blob): void;
  show(keys: ReadonlySet<string>): void;
  /** There is a thumbnail now, or will be. */
  ready(key: string): void;
  /** The tile, or the use for its file, is gone. */
  drop(key: string): void;
  close(): void;
}

export function createPreviews(
  env: Pick<Environment, 'createObjectUrl' | 'revokeObjectUrl'>,
  tiles: Pick<Tiles, 'get' | 'change'>,
): Previews {
  const files = new Map<string, Blob>();
  const urls = new Map<string, string>();
  let shown: ReadonlySet<string> = new Set();

  function drop(key: string): void {
    files.delete(key);
    const url = urls.get(key);
    if (url === undefined) return;
    urls.delete(key);
    env.revokeObjectUrl(url);
    tiles.change(key, { previewUrl: null });
  }

  function make(key: string): void {
    const file = files.get(key);
    if (file === undefined || urls.has(key) || tiles.get(key) === undefined) return;
    const url = env.createObjectUrl(file);
    urls.set(key, url);
    tiles.change(key, { previewUrl: url });
  }

  return {
    add(key, file) {
      files.set(key, file);
      if (shown.has(key)) make(key);
    },
    show(keys) {
      shown = keys;
      for (const key of keys) if (tiles.get(key)?.thumbnail === null) make(key);
      for (const key of urls.keys()) {
        // Not while it is on screen: it is what people see until the thumbnail has been loaded.
        if (!keys.has(key) && tiles.get(key)?.thumbnail != null) drop(key);
      }
    },
    ready(key) {
      if (!shown.has(key)) drop(key);
    },
    drop,
    close() {
      for (const url of urls.values()) env.revokeObjectUrl(url);
      urls.clear();
    },
  };
}
