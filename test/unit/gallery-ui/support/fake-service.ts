import { readFileSync } from 'node:fs';
import { buildSchema, type ExecutionResult, GraphQLError, graphql } from 'graphql';
import { createFakeStreams, type FakeStreams } from './fake-streams.ts';

export interface FakeImage {
  id: string;
  status: 'PENDING' | 'READY' | 'FAILED';
  contentType: string;
  fileName: string;
  failureReason: string | null;
  createdAt: string;
}

export interface Call {
  operation: string;
  variables: { ids?: string[]; [name: string]: unknown };
  init: RequestInit;
}

/** What becomes of a call instead of its answer. */
type Fault = 'no connection' | number;

/** A service behind `fetch`, in memory, that answers any operation that the schema allows. */
export interface FakeService {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  images: Map<string, FakeImage>;
  streams: FakeStreams;
  calls: Call[];
  callsOf(operation: string): Call[];
  add(image?: Partial<FakeImage>): FakeImage;
  set(id: string, change: Partial<FakeImage>): FakeImage;
  /** What calls of this operation meet from now on; undefined: their answer. */
  fail(operation: string, fault: Fault | undefined): void;
  /** The next call of this operation waits until the function it returns is called. */
  hold(operation: string): () => void;
  /** The service's time, in milliseconds since 1970. */
  time: () => number;
  urlLifeMs: number;
  sendsDate: boolean;
  maxBytes: number;
}

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

export function createFakeService(): FakeService {
  const faults = new Map<string, Fault>();
  const holds = new Map<string, Promise<void>>();
  let made = 0;
  let signed = 0;

  function access(path: string) {
    signed += 1;
    const expiresAt = new Date(Math.floor((service.time() + service.urlLifeMs) / 1000) * 1000);
    const downloadUrl = `https://edge.example/${path}?signature=${signed}`;
    return { downloadUrl, expiresAt: expiresAt.toISOString() };
  }

  function toAnswer(image: FakeImage | undefined) {
    if (image === undefined) return null;
    const isReady = image.status === 'READY';
    return {
      ...image,
      __typename: 'Image',
      updatedAt: image.createdAt,
      thumbhash: isReady ? 'AAAA' : null,
      thumbnail: () => (isReady ? access(`thumbnails/${image.id}`) : null),
      access: () => (isReady ? access(`ingest/${image.id}`) : null),
    };
  }

  function listed(filter?: { contentType?: string; status?: string } | null): FakeImage[] {
    return [...service.images.values()]
      .filter(({ contentType }) => !filter?.contentType || contentType === filter.contentType)
      .filter(({ status }) => !filter?.status || status === filter.status)
      .reverse();
  }

  type Gallery = { first: number; after?: string; filter?: { contentType?: string } };
  const root = {
    images: ({ ids }: { ids: string[] }) => {
      if (ids.length > 50) throw new GraphQLError('too many ids');
      return ids.map((id) => toAnswer(service.images.get(id)));
    },
    gallery({ first, after, filter }: Gallery) {
      const all = listed(filter);
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const page = all.slice(from, from + first);
      return {
        edges: page.map((image) => ({ node: toAnswer(image), cursor: image.id })),
        pageInfo: {
          hasNextPage: from + first < all.length,
          hasPreviousPage: from > 0,
          endCursor: page.at(-1)?.id ?? null,
        },
        totalCount: all.length,
      };
    },
    createImageIngestUrl({ input }: { input: FakeImage & { contentLength: number } }) {
      if (input.contentLength > service.maxBytes) {
        const message = `content length must be a whole number of bytes from 1 to ${service.maxBytes}`;
        return { userErrors: [{ code: 'INVALID_CONTENT_LENGTH', message }] };
      }
      const { contentType, fileName } = input;
      const image = service.add({ contentType, fileName, status: 'PENDING' });
      return {
        image: toAnswer(image),
        uploadUrl: `https://bucket.example/${image.id}`,
        uploadHeaders: [
          { name: 'Content-Type', value: contentType },
          { name: 'Content-Length', value: String(input.contentLength) },
        ],
        expiresAt: new Date(service.time() + 300_000).toISOString(),
        userErrors: [],
      };
    },
    deleteImages({ ids }: { ids: string[] }) {
      if (ids.length > 50) throw new GraphQLError('too many ids');
      const deletedIds = ids.filter((id) => service.images.delete(id));
      return {
        deletedIds,
        notFoundIds: ids.filter((id) => !deletedIds.includes(id)),
        userErrors: [],
      };
    },
  };

  function headers(): Record<string, string> {
    return {
      'content-type': 'application/json',
      ...(service.sendsDate && { date: new Date(service.time()).toUTCString() }),
    };
  }

  const service: FakeService = {
    images: new Map(),
    streams: createFakeStreams(toAnswer),
    calls: [],
    callsOf: (operation) => service.calls.filter((call) => call.operation === operation),
    time: () => 0,
    urlLifeMs: 600_000,
    sendsDate: true,
    maxBytes: 10_485_760,
    add(image = {}) {
      made += 1;
      const id = image.id ?? `01JD7T6Y4N8Q2Z5V0C${String(made).padStart(8, '0')}`;
      const full: FakeImage = {
        id,
        status: 'READY',
        contentType: 'image/jpeg',
        fileName: `picture-${made}.jpg`,
        failureReason: null,
        createdAt: new Date(service.time()).toISOString(),
        ...image,
      };
      service.images.set(id, full);
      return full;
    },
    set(id, change) {
      const image = service.images.get(id);
      if (image === undefined) throw new Error(`no image ${id}`);
      const changed = { ...image, ...change };
      service.images.set(id, changed);
      return changed;
    },
    fail(operation, fault) {
      if (fault === undefined) faults.delete(operation);
      else faults.set(operation, fault);
    },
    hold(operation) {
      const { promise, resolve } = Promise.withResolvers<void>();
      holds.set(operation, promise);
      return resolve;
    },
    async fetch(input, init = {}) {
      const { query, variables } = JSON.parse(String(init.body));
      const operation = /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] ?? '';
      service.calls.push({ operation, variables, init });
      const held = holds.get(operation);
      holds.delete(operation);
      await held;
      const fault = faults.get(operation);
      if (fault === 'no connection') throw new TypeError('Failed to fetch');
      if (fault !== undefined) return new Response('<html>', { status: fault, headers: headers() });
      if (String(input).endsWith('/graphql/stream')) {
        return service.streams.open(variables.ids, init.signal ?? null);
      }
      if (String(input) !== 'https://pictures.example/below/graphql') throw new Error(`${input}`);
      const result: ExecutionResult = await graphql({
        schema,
        source: query,
        rootValue: root,
        variableValues: variables,
      });
      return new Response(JSON.stringify(result), { headers: headers() });
    },
  };
  return service;
}
