import { type Api, MAX_IDS } from '../api/api.ts';
import type { Environment } from '../environment.ts';
import { chunks } from './chunks.ts';

/** Deletes records of uploads that came to nothing. */
export interface QuietDeletions {
  add(imageId: string): void;
  leave(): void;
  close(): void;
}

export interface QuietDeletionsDeps {
  env: Pick<Environment, 'after'>;
  api: Pick<Api, 'deleteImages'>;
  sendOnLeave(ids: string[]): void;
}

/** So many cancellations at once are one request. */
const GATHER_MS = 500;
const RETRY_MS = 30_000;

/** Nobody is told when it does not work: the service cleans up after a while, too. */
export function createQuietDeletions(deps: QuietDeletionsDeps): QuietDeletions {
  const { env, api, sendOnLeave } = deps;
  const ids = new Set<string>();
  let timer: (() => void) | null = null;
  let closed = false;

  function schedule(ms: number): void {
    if (closed || timer !== null || ids.size === 0) return;
    timer = env.after(ms, () => void send());
  }

  async function send(): Promise<void> {
    let next = GATHER_MS;
    for (const batch of chunks([...ids], MAX_IDS)) {
      const answer = await api.deleteImages(batch);
      if (answer.ok || answer.problem.kind === 'refused') for (const id of batch) ids.delete(id);
      else next = RETRY_MS;
    }
    timer = null;
    schedule(next);
  }

  return {
    add(id) {
      ids.add(id);
      schedule(GATHER_MS);
    },
    leave: () => sendOnLeave([...ids]),
    close() {
      closed = true;
      timer?.();
    },
  };
}
