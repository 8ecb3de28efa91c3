import type { UploadTarget } from '../api/api.ts';
import type { Environment } from '../environment.ts';

export type PutOutcome =
  | 'stored'
  /** No answer, or one that may be another next time. */
  | 'interrupted'
  /** The URL is not good (any more). */
  | 'forbidden'
  | 'refused'
  | 'aborted';

export interface PutOptions {
  signal: AbortSignal;
  onProgress(sentBytes: number): void;
}

/** After so long without a sign of life a connection is dead, in milliseconds. */
const STALLED_MS = 60_000;

// Browsers set these themselves, and complain when they are told to.
const FORBIDDEN_HEADERS = /^(content-length|host)$/i;

/** Puts the bytes where they belong; never rejects. Only an XMLHttpRequest tells how far it is. */
export function putFile(
  env: Pick<Environment, 'createXhr' | 'after'>,
  target: Pick<UploadTarget, 'url' | 'headers'>,
  file: Blob,
  { signal, onProgress }: PutOptions,
): Promise<PutOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve('aborted');
      return;
    }
    const xhr = env.createXhr();
    const abort = (): void => xhr.abort();
    let cancelStalled = env.after(STALLED_MS, abort);
    const alive = (): void => {
      cancelStalled();
      cancelStalled = env.after(STALLED_MS, abort);
    };
    const end = (outcome: PutOutcome): void => {
      cancelStalled();
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    };

    xhr.upload.onprogress = ({ loaded }) => {
      alive();
      onProgress(Math.min(loaded, file.size));
    };
    xhr.onload = () => end(outcomeOf(xhr.status));
    xhr.onerror = () => end('interrupted');
    xhr.onabort = () => end(signal.aborted ? 'aborted' : 'interrupted');
    signal.addEventListener('abort', abort);
    xhr.open('PUT', target.url);
    for (const { name, value } of target.headers) {
      if (!FORBIDDEN_HEADERS.test(name)) xhr.setRequestHeader(name, value);
    }
    xhr.send(file);
  });
}

function outcomeOf(status: number): PutOutcome {
  // 412: of two attempts the first had arrived, and only its answer was lost.
  if ((status >= 200 && status < 300) || status === 412) return 'stored';
  if (status === 403) return 'forbidden';
  return status === 408 || status === 429 || status >= 500 ? 'interrupted' : 'refused';
}
