/** An upload that a test answers. */
export interface FakeXhr {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  isOver: boolean;
  progress(loaded: number): void;
  answer(status: number): void;
  /** The connection breaks. */
  fail(): void;
}

export interface FakeXhrs {
  all: FakeXhr[];
  create(): XMLHttpRequest;
  /** Those that are under way. */
  open(): FakeXhr[];
}

export function createFakeXhrs(): FakeXhrs {
  const all: FakeXhr[] = [];
  return { all, open: () => all.filter(({ isOver }) => !isOver), create };

  function create(): XMLHttpRequest {
    type Handler = ((event: { loaded: number }) => void) | null;
    const handlers: Record<'onload' | 'onerror' | 'onabort', Handler> = {
      onload: null,
      onerror: null,
      onabort: null,
    };
    const upload: { onprogress: Handler } = { onprogress: null };
    const end = (handler: keyof typeof handlers): void => {
      if (fake.isOver) return;
      fake.isOver = true;
      raw[handler]?.({ loaded: 0 });
    };
    const fake: FakeXhr = {
      method: '',
      url: '',
      headers: {},
      body: null,
      isOver: false,
      progress: (loaded) => upload.onprogress?.({ loaded }),
      answer(status) {
        raw.status = status;
        end('onload');
      },
      fail: () => end('onerror'),
    };
    const raw = {
      ...handlers,
      upload,
      status: 0,
      open(method: string, url: string) {
        fake.method = method;
        fake.url = url;
      },
      setRequestHeader(name: string, value: string) {
        fake.headers[name] = value;
      },
      send(body: unknown) {
        fake.body = body;
        all.push(fake);
      },
      abort: () => end('onabort'),
    };
    return raw as unknown as XMLHttpRequest;
  }
}
