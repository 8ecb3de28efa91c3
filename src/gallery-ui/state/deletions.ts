import { type Api, MAX_IDS } from '../api/api.ts';
import type { Environment } from '../environment.ts';
import { type Problem, problemWords } from '../problems.ts';
import { chunks } from './chunks.ts';
import type { Grid } from './grid.ts';
import type { Snapshots } from './snapshots.ts';

/** Deletions that wait to be sent, so that they can be undone. */
export interface Deletions {
  remove(keys: readonly string[]): void;
  undo(deletionId: string): void;
  dismissProblem(): void;
  /** The page is left: what has not arrived yet is sent so that it does. */
  leave(): void;
  close(): void;
}

export interface DeletionsDeps {
  env: Pick<Environment, 'now' | 'after'>;
  api: Pick<Api, 'deleteImages'>;
  sendOnLeave(ids: string[]): void;
  grid: Pick<Grid, 'hide' | 'unhide'>;
  snapshots: Pick<Snapshots, 'get' | 'patch'>;
  /** The id to delete; null for what is no image (yet). */
  imageIdOf(key: string): string | null;
  /** Ends what is going on with these tiles, and takes them away. */
  deleted(keys: readonly string[]): void;
}

/** How long a deletion can be undone, in milliseconds. */
const UNDO_MS = 10_000;

export function createDeletions(deps: DeletionsDeps): Deletions {
  const { env, api, sendOnLeave, grid, snapshots, imageIdOf, deleted } = deps;
  const pending = new Map<string, { keys: readonly string[]; cancel: () => void }>();
  const sending = new Set<string>();
  let lastId = 0;

  /** No longer to be undone; the keys that it was about. */
  function take(id: string): readonly string[] {
    const deletion = pending.get(id);
    if (deletion === undefined) return [];
    deletion.cancel();
    pending.delete(id);
    snapshots.patch({
      deletions: snapshots.get().deletions.filter((other) => other.id !== id),
    });
    return deletion.keys;
  }

  async function sendBatch(keys: string[]): Promise<Problem | null> {
    const ids = keys.flatMap((key) => imageIdOf(key) ?? []);
    for (const id of ids) sending.add(id);
    const answer = ids.length === 0 ? ({ ok: true } as const) : await api.deleteImages(ids);
    for (const id of ids) sending.delete(id);
    if (!answer.ok) return answer.problem;
    deleted(keys);
    return null;
  }

  async function send(id: string): Promise<void> {
    const failed: string[] = [];
    let problem: Problem | null = null;
    for (const batch of chunks(take(id), MAX_IDS)) {
      const problemOfBatch = await sendBatch(batch);
      if (problemOfBatch === null) continue;
      problem = problemOfBatch;
      failed.push(...batch);
    }
    if (problem === null) return;
    grid.unhide(failed);
    const pictures = failed.length === 1 ? '1 picture' : `${failed.length} pictures`;
    snapshots.patch({
      deleteProblem: `${pictures} could not be deleted. ${problemWords(problem)}`,
    });
  }

  return {
    remove(keys) {
      if (keys.length === 0) return;
      lastId += 1;
      const id = `deletion-${lastId}`;
      const cancel = env.after(UNDO_MS, () => void send(id));
      pending.set(id, { keys: [...keys], cancel });
      grid.hide(keys);
      const deletion = { id, count: keys.length, sentAt: env.now() + UNDO_MS };
      snapshots.patch({ deletions: [...snapshots.get().deletions, deletion] });
    },
    undo(deletionId) {
      grid.unhide(take(deletionId));
    },
    dismissProblem() {
      snapshots.patch({ deleteProblem: null });
    },
    leave() {
      const keys = [...pending.keys()].flatMap(take);
      const ids = keys.flatMap((key) => imageIdOf(key) ?? []);
      sendOnLeave([...ids, ...sending]);
      deleted(keys);
    },
    close() {
      for (const { cancel } of pending.values()) cancel();
    },
  };
}
