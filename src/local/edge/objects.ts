import type { IncomingMessage } from 'node:http';
import { createGrowingBody, type GrowingBody } from './body.ts';
import type { Cache, CachedObject, CacheEntry, ObjectHeaders } from './cache.ts';
import { type ErrorPage, originErrors, pageForOriginStatus } from './errors.ts';
import { freshForMs, refusedForMs } from './freshness.ts';
import { type Origin, type OriginRequest, OriginTimeoutError } from './origin.ts';

export interface ObjectId {
  /** Decoded path: `/` and the object key. */
  path: string;
  versionId?: string;
  v?: string;
}

export type XCache = 'Hit' | 'RefreshHit' | 'Miss';

/** What there is to answer with. `ageSeconds` is set when it comes out of the cache. */
export type Found =
  | {
      kind: 'object';
      headers: ObjectHeaders;
      body: GrowingBody;
      xCache: XCache;
      ageSeconds?: number;
    }
  /** Too large for the cache; the response can be taken by one viewer only. */
  | { kind: 'large'; headers: ObjectHeaders; length: number; take(): IncomingMessage | undefined }
  | { kind: 'refusal'; page: ErrorPage; ageSeconds?: number };

export interface Objects {
  find(id: ObjectId): Promise<Found>;
  /** Asks the origin for a large object again, or for a part of it, past the cache. */
  fetchLarge(id: ObjectId, range?: string): Promise<IncomingMessage>;
  /** Drops what is cached, and does not keep what is on its way from the origin. */
  invalidate(matches: (id: ObjectId) => boolean): void;
  /** Resolves when nothing waits for the origin any more, which has to be closed before. */
  settled(): Promise<void>;
}

/** A question to the origin, from the request until the last byte of its answer. */
interface Asking {
  /** False once it was invalidated: whoever waits for it gets it, and it is not kept. */
  isKept: boolean;
}

interface Options {
  origin: Origin;
  cache: Cache;
  /** Objects above this many bytes are streamed past the cache. */
  maxObjectBytes: number;
  now: () => number;
  onProblem: (error: unknown) => void;
}

/** Of the rest, x-amz-* above all, nothing reaches a viewer: some of it names the bucket's insides. */
const passedHeaders = [
  'content-type',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
  'content-disposition',
  'content-encoding',
  'content-language',
  'x-amz-version-id',
];

export function viewerHeaders(response: IncomingMessage): ObjectHeaders {
  const headers: Record<string, string> = {};
  for (const name of passedHeaders) {
    const value = response.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

function contentLength(response: IncomingMessage): number | undefined {
  const text = response.headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function originRequest({ path, versionId }: ObjectId, range?: string): OriginRequest {
  return {
    path,
    ...(versionId !== undefined && { versionId }),
    ...(range !== undefined && { range }),
  };
}

function keyOf({ path, versionId, v }: ObjectId): string {
  return JSON.stringify([path, versionId ?? null, v ?? null]);
}

function idOf(key: string): ObjectId {
  const [path, versionId, v] = JSON.parse(key);
  return { path, ...(versionId !== null && { versionId }), ...(v !== null && { v }) };
}

/**
 * For a viewer who waited for another's answer: that viewer is the miss, and this one a hit, as in
 * CloudFront's logs ("Simultaneous requests for the same object (request collapsing)").
 */
function joined(found: Found): Found {
  return found.kind === 'object' ? { ageSeconds: 0, ...found, xCache: 'Hit' } : found;
}

/** Finds objects in the cache or at the origin, asking it once however many viewers wait. */
export function createObjects({ origin, cache, maxObjectBytes, now, onProblem }: Options): Objects {
  /** One per key that viewers may wait for. */
  const pending = new Map<string, { asking: Asking; found: Promise<Found> }>();
  const working = new Set<Promise<unknown>>();

  function fromCache({ content, storedAt }: CacheEntry, xCache: XCache): Found {
    const ageSeconds = Math.max(0, Math.floor((now() - storedAt) / 1000));
    return content.kind === 'object'
      ? { ...content, xCache, ageSeconds }
      : { ...content, ageSeconds };
  }

  function work<Result>(promise: Promise<Result>): Promise<Result> {
    working.add(promise);
    promise.finally(() => working.delete(promise)).catch(onProblem);
    return promise;
  }

  function endAsking(key: string, asking: Asking): void {
    if (pending.get(key)?.asking === asking) pending.delete(key);
  }

  function keep(key: string, asking: Asking, entry: CacheEntry): void {
    if (asking.isKept) cache.set(key, entry);
  }

  async function fill(
    key: string,
    asking: Asking,
    response: IncomingMessage,
    body: GrowingBody,
  ): Promise<void> {
    const headers = viewerHeaders(response);
    try {
      for await (const chunk of response) body.push(chunk);
      body.finish();
      const storedAt = now();
      const ttlMs = freshForMs(headers, storedAt);
      if (ttlMs === undefined) cache.delete(key);
      else {
        const content = { kind: 'object', headers, body } as const;
        keep(key, asking, { content, storedAt, expiresAt: storedAt + ttlMs });
      }
    } catch (error) {
      body.fail(error instanceof Error ? error : new Error('The origin failed'));
      onProblem(error);
    } finally {
      endAsking(key, asking);
    }
  }

  function startObject(key: string, asking: Asking, response: IncomingMessage): Found {
    const length = contentLength(response);
    const headers = viewerHeaders(response);
    if (length === undefined) {
      response.destroy();
      onProblem(new Error('The origin sent no Content-Length'));
      return { kind: 'refusal', page: originErrors.badGateway };
    }
    if (length > maxObjectBytes) {
      let untaken: IncomingMessage | undefined = response;
      const take = () => {
        const taken = untaken;
        untaken = undefined;
        return taken;
      };
      return { kind: 'large', headers, length, take };
    }
    const body = createGrowingBody(length);
    void work(fill(key, asking, response, body));
    return { kind: 'object', headers, body, xCache: 'Miss' };
  }

  /** The origin said 304: what is stale is fresh again, under the headers that came with it. */
  function refreshed(
    key: string,
    asking: Asking,
    stale: CachedObject,
    response: IncomingMessage,
  ): Found {
    response.resume();
    const storedAt = now();
    const headers = { ...stale.headers, ...viewerHeaders(response) };
    const ttlMs = freshForMs(headers, storedAt) ?? 0;
    const entry = { content: { ...stale, headers }, storedAt, expiresAt: storedAt + ttlMs };
    keep(key, asking, entry);
    return fromCache(entry, 'RefreshHit');
  }

  async function ask(
    key: string,
    id: ObjectId,
    asking: Asking,
    stale: CacheEntry | undefined,
  ): Promise<Found> {
    const known = stale?.content.kind === 'object' ? stale.content : undefined;
    const etag = known?.headers.etag;
    let response: IncomingMessage;
    try {
      response = await origin.get({
        ...originRequest(id),
        ...(etag !== undefined && { ifNoneMatch: etag }),
      });
    } catch (error) {
      onProblem(error);
      const { timeout, badGateway } = originErrors;
      return { kind: 'refusal', page: error instanceof OriginTimeoutError ? timeout : badGateway };
    }
    const status = response.statusCode ?? 0;
    if (status === 200) return startObject(key, asking, response);
    if (status === 304 && known && etag !== undefined)
      return refreshed(key, asking, known, response);

    response.resume();
    const page = pageForOriginStatus(status);
    const ttlMs = refusedForMs(status);
    const storedAt = now();
    if (ttlMs !== undefined) {
      const content = { kind: 'refusal', page } as const;
      keep(key, asking, { content, storedAt, expiresAt: storedAt + ttlMs });
    } else {
      onProblem(new Error(`The origin answered ${status}`));
    }
    return { kind: 'refusal', page };
  }

  return {
    async find(id) {
      const key = keyOf(id);
      const entry = cache.get(key);
      if (entry && now() < entry.expiresAt) return fromCache(entry, 'Hit');
      const waiting = pending.get(key);
      if (waiting !== undefined) return joined(await waiting.found);
      const asking: Asking = { isKept: true };
      const asked = work(ask(key, id, asking, entry));
      pending.set(key, { asking, found: asked });
      let isFilling = false;
      try {
        const found = await asked;
        isFilling = found.kind === 'object' && found.xCache === 'Miss';
        return found;
      } finally {
        // A body still on its way takes the key off this list itself, once it is in the cache.
        if (!isFilling) endAsking(key, asking);
      }
    },
    fetchLarge: (id, range) => origin.get(originRequest(id, range)),
    invalidate(matches) {
      for (const key of cache.keys()) if (matches(idOf(key))) cache.delete(key);
      for (const [key, { asking }] of pending) {
        if (!matches(idOf(key))) continue;
        asking.isKept = false;
        pending.delete(key);
      }
    },
    async settled() {
      // Asking may end in the beginning of a fill.
      while (working.size > 0) await Promise.allSettled(working);
    },
  };
}
