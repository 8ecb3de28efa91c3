import type { Api } from '../api/api.ts';
import type { ServerClock } from '../api/server-clock.ts';
import type { Environment } from '../environment.ts';
import type { Upload, UploadState } from '../model.ts';
import type { Grid } from '../state/grid.ts';
import type { Tiles } from '../state/tiles.ts';
import { checkFile, tooLargeWords, uploadName } from './check-file.ts';
import type { Previews } from './previews.ts';
import { createQueue } from './queue.ts';
import { type Job, makeUploadFile, type UploadOutcome } from './upload-file.ts';

/** This tab's uploads, from picked to stored; what comes then is the matter of others. */
export interface Uploads {
  addFiles(files: Iterable<File>): void;
  cancel(key: string): void;
  retry(key: string): void;
  /** The image was deleted before it was READY. */
  lost(key: string): void;
  /** Ends it, and leaves the tile to whoever asked for that. */
  forget(key: string): void;
  connectionIsBack(): void;
  close(): void;
}

export interface UploadsDeps {
  env: Pick<Environment, 'createXhr' | 'after' | 'isOnline'>;
  api: Pick<Api, 'createUpload'>;
  clock: Pick<ServerClock, 'now'>;
  tiles: Pick<Tiles, 'get' | 'put' | 'change' | 'bind' | 'drop'>;
  grid: Pick<Grid, 'addOwn' | 'remove'>;
  previews: Pick<Previews, 'add'>;
  /** Nothing will be uploaded for this record. */
  discard(imageId: string): void;
  /** All bytes are there. */
  onStored(imageId: string): void;
}

const LOST_WORDS = 'This picture was deleted before it was ready.';

export function createUploads(deps: UploadsDeps): Uploads {
  const { tiles, grid, previews, discard, onStored } = deps;
  const jobs = new Map<string, Job>();
  let lastKey = 0;
  // What the service has said when it refused a file for its size.
  let maxBytes: number | null = null;

  const queue = createQueue({
    env: deps.env,
    upload: makeUploadFile({
      ...deps,
      onTarget(job) {
        const received = job.target?.received ?? null;
        // A listing may have found the record before the answer was here that it was made by.
        if (received) {
          grid.remove([received.image.id]);
          tiles.drop(received.image.id);
        }
        tiles.bind(job.key, received);
      },
      onProgress: (job, sentBytes) => change(job.key, { sentBytes }),
    }),
    onState: (job, state) => change(job.key, { state, sentBytes: 0 }),
    onEnd: (job, outcome) => end(job, outcome),
  });

  function change(key: string, part: Partial<Upload>): void {
    const upload = tiles.get(key)?.upload;
    if (upload) tiles.change(key, { upload: { ...upload, ...part } });
  }

  function end({ key, target }: Job, outcome: Exclude<UploadOutcome, { kind: 'interrupted' }>) {
    if (outcome.kind === 'failed') {
      maxBytes = outcome.maxBytes ?? maxBytes;
      change(key, { state: 'failed', problem: outcome.problem, canRetry: outcome.canRetry });
    } else if (target) {
      change(key, { state: 'checking', sentBytes: tiles.get(key)?.upload?.totalBytes ?? 0 });
      onStored(target.received.image.id);
    }
  }

  function pick(file: File): string {
    lastKey += 1;
    const key = `upload-${lastKey}`;
    const checked = checkFile(file);
    const tooLarge = maxBytes !== null && file.size > maxBytes;
    const problem =
      'problem' in checked ? checked.problem : tooLarge ? tooLargeWords(maxBytes) : null;
    const upload: Upload = {
      state: problem === null ? 'queued' : 'failed',
      sentBytes: 0,
      totalBytes: file.size,
      problem,
      canRetry: problem === null,
    };
    const fileName = uploadName(file.name);
    tiles.put({ key, fileName, image: null, upload, previewUrl: null, thumbnail: null });
    previews.add(key, file);
    if ('contentType' in checked && !tooLarge) {
      const { contentType } = checked;
      const control = new AbortController();
      jobs.set(key, { key, file, fileName, contentType, target: null, failures: 0, control });
    }
    return key;
  }

  /** Ends what is under way; the record is not wanted any more. */
  function abandon(key: string): void {
    const job = jobs.get(key);
    const image = tiles.get(key)?.image;
    if (job) queue.abort(job);
    if (image) discard(image.id);
    tiles.bind(key, null);
  }

  return {
    addFiles(files) {
      const keys = [...files].map(pick);
      grid.addOwn(keys);
      for (const key of keys) {
        const job = jobs.get(key);
        if (job) queue.add(job);
      }
    },
    cancel(key) {
      if (!isUnderWay(tiles.get(key)?.upload?.state)) return;
      abandon(key);
      change(key, { state: 'canceled', sentBytes: 0 });
    },
    retry(key) {
      const upload = tiles.get(key)?.upload;
      const job = jobs.get(key);
      const isOver = upload?.state === 'failed' || upload?.state === 'canceled';
      if (!job || !isOver || !upload.canRetry) return;
      // A canceled one has no record any more; the URL of a failed one may still be good.
      const target = upload.state === 'failed' && tiles.get(key)?.image ? job.target : null;
      const again = { ...job, target, failures: 0, control: new AbortController() };
      jobs.set(key, again);
      change(key, { problem: null });
      queue.add(again);
    },
    lost(key) {
      tiles.bind(key, null);
      change(key, { state: 'failed', problem: LOST_WORDS, canRetry: true, sentBytes: 0 });
    },
    forget(key) {
      const job = jobs.get(key);
      if (job) queue.abort(job);
      jobs.delete(key);
    },
    connectionIsBack: () => queue.resume(),
    close: () => queue.close(),
  };
}

function isUnderWay(state: UploadState | undefined): boolean {
  return state === 'queued' || state === 'uploading' || state === 'checking';
}
