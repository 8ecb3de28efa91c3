import { Agent, request as httpRequest } from 'node:http';

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

/** `shed`: 503 with Retry-After. `failed`: anything else that is no success, or no answer at all. */
export type Outcome = 'answered' | 'shed' | 'failed';

export interface Sender {
  /** Never rejects. */
  send(call: Call): Promise<Outcome>;
  /** As many as are being answered at the moment. */
  outstanding(): number;
  json(call: Call): Promise<unknown>;
  /** Hangs up on everything that is still open. */
  close(): void;
}

/** What a patient client waits, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Keeps its connections, as load balancers do, and opens as many as it takes. */
export function createSender(url: URL): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  // `localhost` would be looked up for every connection.
  const host = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 80 : Number(url.port);
  let outstanding = 0;

  function exchange({ method, path, body }: Call, onText?: (text: string) => void) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    outstanding += 1;
    const headers: Record<string, string | number> = body
      ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      : {};
    const request = httpRequest({ host, port, method, path, headers, agent }, (response) => {
      const { statusCode = 0, headers: received } = response;
      const isShed = statusCode === 503 && received['retry-after'] !== undefined;
      const isSuccess = statusCode >= 200 && statusCode < 300;
      if (onText) response.setEncoding('utf8').on('data', onText);
      else response.resume();
      response.once('end', () => end(isShed ? 'shed' : isSuccess ? 'answered' : 'failed'));
      response.once('error', () => end('failed'));
    });
    // The time limit holds for the whole exchange, not for silence.
    const timer = setTimeout(() => request.destroy(), TIMEOUT_MS);
    request.once('error', () => end('failed'));
    request.once('close', () => end('failed'));
    request.end(body);

    let isOver = false;
    function end(outcome: Outcome): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      outstanding -= 1;
      resolve(outcome);
    }
    return promise;
  }

  return {
    send: (call) => exchange(call),
    outstanding: () => outstanding,
    async json(call) {
      let text = '';
      const outcome = await exchange(call, (chunk) => {
        text += chunk;
      });
      if (outcome !== 'answered') throw new Error(`${call.method} ${call.path} was not answered`);
      return JSON.parse(text);
    },
    close: () => agent.destroy(),
  };
}
