import { type Api, isRefusal, type Refusal, type UploadTarget } from '../api/api.ts';
import type { ServerClock } from '../api/server-clock.ts';
import type { Environment } from '../environment.ts';
import { problemWords } from '../problems.ts';
import { tooLargeWords } from './check-file.ts';
import { putFile } from './put-file.ts';

/** A file on its way, and how far it is. */
export interface Job {
  readonly key: string;
  readonly file: File;
  readonly fileName: string;
  readonly contentType: string;
  /** Where the bytes go; kept over interruptions as long as it is good. */
  target: UploadTarget | null;
  /** Attempts that came to nothing, since the file was picked or tried again. */
  failures: number;
  readonly control: AbortController;
}

export type UploadOutcome =
  | { kind: 'stored' | 'aborted' }
  /** Worth another attempt; the words are for when there have been enough. */
  | { kind: 'interrupted'; problem: string }
  | { kind: 'failed'; problem: string; canRetry: boolean; maxBytes?: number | null };

export interface UploadFileDeps {
  env: Pick<Environment, 'createXhr' | 'after'>;
  api: Pick<Api, 'createUpload'>;
  clock: Pick<ServerClock, 'now'>;
  /** `job.target` is another one, or none. */
  onTarget(job: Job): void;
  /** Nothing will be uploaded for this record. */
  discard(imageId: string): void;
  onProgress(job: Job, sentBytes: number): void;
}

export type UploadFile = (job: Job) => Promise<UploadOutcome>;

/** A request that begins later than this before the end of its URL may come too late. */
const URL_MARGIN_MS = 10_000;
const REFUSED_WORDS = 'The upload was not accepted. Try again.';
const CHANGED_WORDS = 'This file has changed or is gone since it was picked. Pick it again.';
const INTERRUPTED_WORDS = 'The upload was interrupted. Check your connection and try again.';

/** One attempt to upload a file; never rejects. */
export function makeUploadFile(deps: UploadFileDeps): UploadFile {
  const { env, api, clock, onTarget, discard, onProgress } = deps;

  function leaveTarget(job: Job): void {
    if (job.target) discard(job.target.received.image.id);
    job.target = null;
    onTarget(job);
  }

  /** Asked for only now that the file's turn has come: URLs are short-lived. */
  async function newTarget(job: Job): Promise<UploadOutcome | UploadTarget> {
    const { contentType, fileName, file, control } = job;
    const answer = await api.createUpload({ contentType, fileName, contentLength: file.size });
    if (!answer.ok) {
      const problem = problemWords(answer.problem);
      return answer.problem.kind === 'refused'
        ? { kind: 'failed', problem, canRetry: true }
        : { kind: 'interrupted', problem };
    }
    if (isRefusal(answer.data)) return refused(answer.data);
    if (control.signal.aborted) {
      discard(answer.data.received.image.id);
      return { kind: 'aborted' };
    }
    job.target = answer.data;
    onTarget(job);
    return answer.data;
  }

  return async (job) => {
    if (job.target && job.target.expiresAt - URL_MARGIN_MS < clock.now()) leaveTarget(job);
    const target = job.target ?? (await newTarget(job));
    if ('kind' in target) return target;
    const outcome = await putFile(env, target, job.file, {
      signal: job.control.signal,
      onProgress: (sentBytes) => onProgress(job, sentBytes),
    });
    if (outcome === 'stored' || outcome === 'aborted') return { kind: outcome };
    const readable = await isReadable(job.file);
    if (job.control.signal.aborted) return { kind: 'aborted' };
    if (!readable) {
      return { kind: 'failed', problem: CHANGED_WORDS, canRetry: false };
    }
    if (outcome === 'refused') return { kind: 'failed', problem: REFUSED_WORDS, canRetry: true };
    if (outcome === 'interrupted') return { kind: 'interrupted', problem: INTERRUPTED_WORDS };
    leaveTarget(job);
    return { kind: 'interrupted', problem: REFUSED_WORDS };
  };
}

function refused({ code, message }: Refusal): UploadOutcome {
  if (code !== 'INVALID_CONTENT_LENGTH') {
    return { kind: 'failed', problem: 'The service does not take this file.', canRetry: false };
  }
  const limit = /(\d+)\D*$/.exec(message)?.[1];
  const maxBytes = limit === undefined ? null : Number(limit);
  return { kind: 'failed', problem: tooLargeWords(maxBytes), canRetry: false, maxBytes };
}

/** A browser refuses to read a file that was changed on disk; that is no matter of the network. */
async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
