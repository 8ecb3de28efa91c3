import { type Api, MAX_IDS } from '../api/api.ts';
import type { Answer } from '../api/execute.ts';
import { type SignedUrl, staleAt } from '../api/images.ts';
import type { ServerClock } from '../api/server-clock.ts';
import type { Access, AccessOptions } from '../model.ts';
import { GONE_WORDS, NOT_READY_WORDS, problemWords } from '../problems.ts';
import { chunks } from './chunks.ts';
import type { Tiles } from './tiles.ts';

export interface AccessesDeps {
  api: Pick<Api, 'accesses'>;
  clock: Pick<ServerClock, 'now' | 'isTrusted' | 'toLocal'>;
  tiles: Pick<Tiles, 'get'>;
}

/** So many full pictures keep their URL, and with it their place in the browser's cache. */
const REMEMBERED = 100;

type Asked = Promise<Answer<SignedUrl | null>>;

/** The full pictures: what is asked for in the same moment is asked for together. */
export function makeAccess({ api, clock, tiles }: AccessesDeps) {
  const remembered = new Map<string, SignedUrl>();
  const waiting = new Map<string, Asked>();
  let batch: Promise<Map<string, Answer<SignedUrl | null>>> | null = null;
  let batched: string[] = [];

  async function askForBatch(): Promise<Map<string, Answer<SignedUrl | null>>> {
    await Promise.resolve();
    const ids = batched;
    batched = [];
    batch = null;
    const results = new Map<string, Answer<SignedUrl | null>>();
    for (const some of chunks(ids, MAX_IDS)) {
      const answer = await api.accesses(some);
      some.forEach((id, index) => {
        results.set(id, answer.ok ? { ok: true, data: answer.data[index] ?? null } : answer);
      });
    }
    return results;
  }

  async function ask(id: string): Asked {
    batched.push(id);
    batch ??= askForBatch();
    const answer = (await batch).get(id);
    waiting.delete(id);
    return answer ?? { ok: false, problem: { kind: 'unwell' } };
  }

  function remember(id: string, url: SignedUrl): void {
    remembered.delete(id);
    remembered.set(id, url);
    if (remembered.size <= REMEMBERED) return;
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      return;
    }
  }

  function toAccess({ url, expiresAt }: SignedUrl): Access {
    return { url, expiresAt: clock.toLocal(expiresAt) };
  }

  return async function access(key: string, { fresh = false }: AccessOptions = {}) {
    const image = tiles.get(key)?.image;
    if (image == null) throw new Error(GONE_WORDS);
    const { id } = image;
    const known = remembered.get(id);
    if (known && !fresh && clock.isTrusted() && staleAt(known) > clock.now()) {
      return toAccess(known);
    }
    const asked = waiting.get(id) ?? ask(id);
    waiting.set(id, asked);
    const answer = await asked;
    if (!answer.ok) throw new Error(problemWords(answer.problem));
    if (answer.data === null) {
      throw new Error(image.status === 'READY' ? GONE_WORDS : NOT_READY_WORDS);
    }
    remember(id, answer.data);
    return toAccess(answer.data);
  };
}
