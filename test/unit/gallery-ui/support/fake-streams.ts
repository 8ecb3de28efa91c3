import type { FakeImage } from './fake-service.ts';

/** A stream of server-sent events that a test writes to. */
export interface FakeStream {
  ids: string[];
  isOpen: boolean;
  send(image: FakeImage): void;
  complete(): void;
  /** The connection breaks. */
  fail(): void;
}

export interface FakeStreams {
  all: FakeStream[];
  /** Those that neither side has ended. */
  live(): FakeStream[];
  open(ids: string[], signal: AbortSignal | null): Response;
}

export function createFakeStreams(
  toAnswer: (image: FakeImage) => { thumbnail: () => object | null } | null,
): FakeStreams {
  const all: FakeStream[] = [];
  return { all, live: () => all.filter(({ isOpen }) => isOpen), open };

  function open(ids: string[], signal: AbortSignal | null): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const write = (text: string): void => {
      writer.write(new TextEncoder().encode(text)).catch(() => {});
    };
    const stream: FakeStream = {
      ids,
      isOpen: true,
      send(image) {
        const imageStatusChanged = {
          ...image,
          sizeBytes: null,
          width: null,
          height: null,
          thumbhash: null,
          thumbnail: toAnswer(image)?.thumbnail() ?? null,
        };
        write(`event: next\ndata: ${JSON.stringify({ data: { imageStatusChanged } })}\n\n`);
      },
      complete() {
        stream.isOpen = false;
        write('event: complete\ndata:\n\n');
        writer.close().catch(() => {});
      },
      fail() {
        stream.isOpen = false;
        writer.abort(new TypeError('network error')).catch(() => {});
      },
    };
    signal?.addEventListener('abort', () => {
      stream.isOpen = false;
      writer.abort(new DOMException('aborted', 'AbortError')).catch(() => {});
    });
    all.push(stream);
    return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
  }
}
