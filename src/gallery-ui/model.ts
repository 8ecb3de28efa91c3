/**
 * What the page's components see of its state. `createGallery` (gallery.ts) implements it. Words for a
 * FAILED image: `failureWords` (failure-words.ts).
 */

export type ImageStatus = 'PENDING' | 'READY' | 'FAILED';

export type FailureReason =
  | 'SIZE_EXCEEDED'
  | 'EMPTY'
  | 'CONTENT_TYPE_MISMATCH'
  | 'UNDECODABLE'
  | 'DIMENSIONS_EXCEEDED'
  | 'OBJECT_MISSING'
  | 'NEVER_UPLOADED';

/** A signed URL and when it ends, in milliseconds since 1970 by this browser's clock. */
export interface Access {
  url: string;
  expiresAt: number;
}

export interface AccessOptions {
  /** True after the URL of the last answer could not be loaded: asks for another one. */
  fresh?: boolean;
}

/** An image record as the service tells it. */
export interface GalleryImage {
  id: string;
  status: ImageStatus;
  contentType: string;
  fileName: string;
  sizeBytes: number | null;
  width: number | null;
  height: number | null;
  failureReason: FailureReason | null;
  /** RFC 3339. */
  createdAt: string;
  /** Base64; null unless READY. */
  thumbhash: string | null;
}

export type UploadState =
  /** Waits for its turn. */
  | 'queued'
  | 'uploading'
  /** All bytes are there; the service looks at them. */
  | 'checking'
  /** The upload itself did not succeed; can be tried again. */
  | 'failed'
  | 'canceled';

/** A file of this tab's that is on its way in. Gone once the image is READY or FAILED. */
export interface Upload {
  state: UploadState;
  sentBytes: number;
  totalBytes: number;
  /** In words for a person; null unless `failed`. */
  problem: string | null;
  /** False where trying the same file again cannot help, such as one of an unsupported type. */
  canRetry: boolean;
}

/** One place in the grid: an upload of this tab's, an image, or first the one, then the other. */
export interface Tile {
  /** The same from the moment a file is picked until the image is gone. */
  readonly key: string;
  readonly fileName: string;
  /** Null until the service has given it an id. */
  readonly image: GalleryImage | null;
  readonly upload: Upload | null;
  /** A blob: URL of the picked file; null where there is none, or none any more. */
  readonly previewUrl: string | null;
  /** The thumbnail, good for some time yet; null while it has to be asked for: `show` does. */
  readonly thumbnail: Access | null;
}

export interface Filter {
  status?: ImageStatus;
  contentType?: string;
  /** RFC 3339. */
  createdAfter?: string;
  createdBefore?: string;
  fileNameContains?: string;
}

export interface GalleryQuery {
  filter: Filter;
  order: 'NEWEST' | 'OLDEST';
}

/** A deletion that can still be undone: it is sent when its time is up, or the page is left. */
export interface PendingDeletion {
  readonly id: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

export interface Snapshot {
  readonly query: GalleryQuery;
  /** Keys of the tiles in the order of the grid: this tab's uploads first. */
  readonly keys: readonly string[];
  readonly loading: 'first' | 'more' | 'none';
  /** Whether there are images beyond the last key. */
  readonly hasMore: boolean;
  /** Of the last attempt to load; in words for a person. */
  readonly loadProblem: string | null;
  /** Of all that is under the filter; null while unknown. */
  readonly totalCount: number | null;
  readonly deletions: readonly PendingDeletion[];
  /** Of the last deletion that did not succeed (its images are back); in words for a person. */
  readonly deleteProblem: string | null;
  /** False while the browser says that it has no network. */
  readonly online: boolean;
}

export interface Gallery {
  /** For useSyncExternalStore: called when the snapshot is another one. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
  /** Called when this one tile has changed; progress changes a tile, not the snapshot. */
  subscribeTile(key: string, listener: () => void): () => void;
  /** Undefined when there is none (any more). */
  getTile(key: string): Tile | undefined;

  setQuery(query: GalleryQuery): void;
  /**
   * Does nothing while loading, or when there is no more. After a `loadProblem` it tries again, also
   * for the first page: call it then because a person wishes it, not because the end is in sight.
   */
  loadMore(): void;
  /** Starts again from the first page. */
  reload(): void;

  addFiles(files: Iterable<File>): void;
  /** Ends an upload; its tile stays, `canceled`, until it is tried again or dismissed. */
  cancelUpload(key: string): void;
  /** For `failed` and `canceled` ones. */
  retryUpload(key: string): void;
  /** Takes an upload of this tab's that did not succeed, or whose image is FAILED, out of the grid. */
  dismiss(key: string): void;

  /** Tells which tiles are on screen, so that their thumbnails are signed, and signed again in time. */
  show(keys: readonly string[]): void;
  /**
   * The full picture, good for at least a minute; the same URL as long as it is. Rejects with an
   * Error in words for a person.
   */
  access(key: string, options?: AccessOptions): Promise<Access>;
  /** A thumbnail that could not be loaded: its URL may have expired. Asks for a fresh one. */
  thumbnailBroken(key: string): void;

  /** Out of the grid at once; sent to the service after some seconds, unless undone. */
  remove(keys: readonly string[]): void;
  undoRemove(deletionId: string): void;
  dismissDeleteProblem(): void;

  /** Ends uploads, streams and timers. */
  close(): void;
}
