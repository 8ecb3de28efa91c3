import type { GraphqlError } from './api.ts';

export interface StreamEvent<Data> {
  event: string;
  /** Null where the event has none. */
  data: { data: Data | null; errors?: GraphqlError[] } | null;
}

/** One answer in server-sent events, as it comes. */
export interface EventStream<Data> {
  status: number;
  headers: Headers;
  /** All text so far, heartbeats included. */
  text(): string;
  /** The next event; rejects when the stream ends without another. */
  next(): Promise<StreamEvent<Data>>;
  /** Every event until the end. */
  rest(): Promise<StreamEvent<Data>[]>;
  /** Resolves as soon as the text so far is as wanted. */
  textMatches(wanted: RegExp): Promise<void>;
  /** Hangs up. */
  close(): void;
}

const ENDED = new Error('the stream has ended');

/** Resolves when the headers have come. */
export async function openEventStream<Data>(
  url: string,
  init: RequestInit = {},
): Promise<EventStream<Data>> {
  const hangUp = new AbortController();
  const response = await fetch(url, { ...init, signal: hangUp.signal });
  const events: StreamEvent<Data>[] = [];
  let text = '';
  let parsed = 0;
  let isOver = false;
  let tell = () => {};

  function parse(): void {
    for (;;) {
      const end = text.indexOf('\n\n', parsed);
      if (end === -1) return;
      const block = text.slice(parsed, end);
      parsed = end + 2;
      if (block.startsWith(':')) continue;
      const [, event = '', data = ''] = /^event: (.*)\ndata:(.*)$/.exec(block) ?? [];
      events.push({ event, data: data.trim() ? JSON.parse(data) : null });
    }
  }

  async function read(): Promise<void> {
    try {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        parse();
        tell();
      }
    } catch {
      // An end like any other: by us, or by a server that went away.
    }
    isOver = true;
    tell();
  }
  void read();

  async function until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (isOver) throw ENDED;
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
  }

  async function next(): Promise<StreamEvent<Data>> {
    await until(() => events.length > 0);
    return events.shift() as StreamEvent<Data>;
  }

  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    next,
    async rest() {
      await until(() => isOver).catch(() => {});
      return events.splice(0);
    },
    textMatches: (wanted) => until(() => wanted.test(text)),
    close: () => hangUp.abort(),
  };
}

export interface ImageNews {
  imageStatusChanged: {
    id: string;
    status: string;
    failureReason?: string | null;
    access?: { downloadUrl: string } | null;
  };
}

const SUBSCRIPTION = `subscription ($ids: [ID!]!) {
  imageStatusChanged(ids: $ids) { id status failureReason access { downloadUrl } }
}`;

/** A POST as graphql-sse's client makes it. */
export function subscriptionTo(ids: readonly string[], query = SUBSCRIPTION): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables: { ids } }),
  };
}

/** Watches these images at an API. */
export function watchImages(
  { url }: { url: string },
  ids: readonly string[],
): Promise<EventStream<ImageNews>> {
  return openEventStream<ImageNews>(`${url}/graphql/stream`, subscriptionTo(ids));
}

/** What an event tells: `id status`, or the code of its first error, or `complete`. */
export function told({ event, data }: StreamEvent<ImageNews>): string {
  const image = data?.data?.imageStatusChanged;
  if (image) return `${image.id} ${image.status}`;
  return String(data?.errors?.[0]?.extensions?.code ?? event);
}
