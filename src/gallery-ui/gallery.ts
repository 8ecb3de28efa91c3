import { createApi } from './api/api.ts';
import { deleteOnLeave } from './api/delete-on-leave.ts';
import { makeExecute } from './api/execute.ts';
import { makeOpenStream } from './api/live-stream.ts';
import { createServerClock } from './api/server-clock.ts';
import { browserEnvironment, type Environment } from './environment.ts';
import type { Gallery, GalleryImage, GalleryQuery } from './model.ts';
import { makeAccess } from './state/accesses.ts';
import { createDeletions } from './state/deletions.ts';
import { matches } from './state/filters.ts';
import { createGrid } from './state/grid.ts';
import { createLive } from './state/live.ts';
import { createPaging } from './state/paging.ts';
import { createQuietDeletions } from './state/quiet-deletions.ts';
import { watchSleep } from './state/sleep-watch.ts';
import { createSnapshots } from './state/snapshots.ts';
import { createThumbnails } from './state/thumbnails.ts';
import { createTiles } from './state/tiles.ts';
import { createPreviews } from './uploads/previews.ts';
import { createUploads } from './uploads/uploads.ts';

export interface GalleryOptions {
  /** What to load first; everything, newest first, unless given. */
  query?: GalleryQuery;
  /** This browser unless given. */
  environment?: Environment;
}

/** Whoever comes back after so long, in milliseconds, sees what others have uploaded meanwhile. */
const AWAY_MS = 60_000;

/** The state of the page: loads the first images at once. */
export function createGallery({
  query = { filter: {}, order: 'NEWEST' },
  environment: env = browserEnvironment(),
}: GalleryOptions = {}): Gallery {
  const clock = createServerClock(env);
  const api = createApi(makeExecute(env, clock), clock);
  const sendOnLeave = (ids: string[]): void => deleteOnLeave(env, ids);
  let shown: ReadonlySet<string> = new Set();
  let hiddenSince: number | null = null;

  const snapshots = createSnapshots({
    query,
    keys: [],
    loading: 'none',
    hasMore: false,
    loadProblem: null,
    totalCount: null,
    deletions: [],
    deleteProblem: null,
    online: env.isOnline(),
  });
  const grid = createGrid((keys) => snapshots.patch({ keys }));
  const tiles = createTiles({ clock, onImage });
  const live = createLive({
    env,
    api,
    openStream: makeOpenStream(env, clock),
    receive: (received) => void tiles.receive(received),
    gone: (imageId) => gone(tiles.keyOf(imageId)),
  });
  const thumbnails = createThumbnails({ env, api, clock, tiles, gone });
  const previews = createPreviews(env, tiles);
  const quietly = createQuietDeletions({ env, api, sendOnLeave });
  const uploads = createUploads({
    ...{ env, api, clock, tiles, grid, previews },
    discard: quietly.add,
    onStored: live.watch,
  });
  const deletions = createDeletions({
    ...{ env, api, sendOnLeave, grid, snapshots },
    imageIdOf: (key) => tiles.get(key)?.image?.id ?? null,
    deleted: takeAway,
  });
  const paging = createPaging({ api, tiles, grid, snapshots, drop: forget });
  const sleep = watchSleep(env, () => {
    clock.distrust();
    thumbnails.check();
    live.reconnect();
  });

  function onImage(key: string, image: GalleryImage | null, before: GalleryImage | null): void {
    const { totalCount, query } = snapshots.get();
    const counts = (one: GalleryImage | null) => Number(one !== null && matches(query.filter, one));
    const change = counts(image) - counts(before);
    if (totalCount !== null) snapshots.patch({ totalCount: Math.max(totalCount + change, 0) });
    if (image === null || image.status === 'PENDING') return;
    uploads.forget(key);
    if (image.status !== 'READY') return;
    previews.ready(key);
    thumbnails.show(shown);
  }

  /** What is still there, but not in the grid any more. */
  function forget(keys: readonly string[]): void {
    for (const key of keys) {
      uploads.forget(key);
      previews.drop(key);
      tiles.drop(key);
    }
  }

  function takeAway(keys: readonly string[]): void {
    for (const key of keys) {
      const image = tiles.get(key)?.image;
      if (image) live.forget(image.id);
      uploads.forget(key);
      previews.drop(key);
      tiles.delete(key);
    }
    grid.remove(keys);
  }

  /** Somebody else has deleted the image. */
  function gone(key: string): void {
    if (tiles.get(key)?.upload) uploads.lost(key);
    else takeAway([key]);
  }

  function onConnection(): void {
    const online = env.isOnline();
    snapshots.patch({ online });
    if (!online) return;
    uploads.connectionIsBack();
    paging.connectionIsBack();
    live.reconnect();
    thumbnails.check();
  }

  function onWake(): void {
    if (env.isHidden()) {
      hiddenSince ??= env.now();
      return;
    }
    const awayMs = hiddenSince === null ? 0 : env.now() - hiddenSince;
    hiddenSince = null;
    sleep.look();
    thumbnails.check();
    const isIdle = snapshots.get().loading === 'none' && paging.isAtFirstPage();
    if (isIdle && awayMs > AWAY_MS) paging.reload();
  }

  function onLeave(): void {
    deletions.leave();
    quietly.leave();
  }

  const unsubscribes = [
    env.on('connection', onConnection),
    env.on('wake', onWake),
    env.on('leave', onLeave),
  ];
  paging.reload();

  return {
    subscribe: snapshots.subscribe,
    getSnapshot: snapshots.get,
    subscribeTile: tiles.subscribe,
    getTile: tiles.get,

    setQuery: paging.setQuery,
    loadMore: paging.loadMore,
    reload: paging.reload,

    addFiles: uploads.addFiles,
    cancelUpload: uploads.cancel,
    retryUpload: uploads.retry,
    dismiss(key) {
      const { upload, image } = tiles.get(key) ?? {};
      const isOver = upload ? upload.state === 'failed' || upload.state === 'canceled' : true;
      if (!isOver || (!upload && image?.status !== 'FAILED')) return;
      if (image) quietly.add(image.id);
      takeAway([key]);
    },

    show(keys) {
      shown = new Set(keys);
      previews.show(shown);
      thumbnails.show(shown);
      live.watchOnScreen(keys.flatMap(pendingElsewhere));
    },
    access: makeAccess({ api, clock, tiles }),
    thumbnailBroken: thumbnails.broken,

    remove: (keys) => deletions.remove(keys.filter((key) => tiles.get(key) !== undefined)),
    undoRemove: deletions.undo,
    dismissDeleteProblem: deletions.dismissProblem,

    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      onLeave();
      for (const part of [uploads, live, thumbnails, previews, quietly, deletions, sleep]) {
        part.close();
      }
    },
  };

  /** Those that somebody else is uploading, or this tab was before it was reloaded. */
  function pendingElsewhere(key: string): string[] {
    const { image, upload } = tiles.get(key) ?? {};
    return image?.status === 'PENDING' && !upload ? [image.id] : [];
  }
}
