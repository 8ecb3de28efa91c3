import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnAnyPort } from './tcp-proxy.ts';

/** A request on its way through the proxy. */
export interface PassingRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** The action of an SQS request, such as `ReceiveMessage`; empty for any other request. */
  action: string;
  body: string;
  /** Whether the client got the whole answer. */
  answered: boolean;
}

/**
 * Pass it on (with another body, if given), answer in the server's place, hang up, or pass it on
 * and hang up once the server has answered.
 */
export type Verdict =
  | 'pass'
  | 'cut'
  | { body: string }
  | { status: number }
  | { afterwards: () => void };
export type Judge = (request: PassingRequest) => Verdict | Promise<Verdict>;

/** Stands between a client and a server; the Host header stays, so that signatures stay valid. */
export interface HttpProxy {
  url: string;
  /** Every request so far. */
  passed: PassingRequest[];
  /** Decides on all requests from now on; a promise holds the request until it settles. */
  judge(judge: Judge): void;
  close(): Promise<void>;
}

const SQS_TARGET = 'AmazonSQS.';

export async function startHttpProxy(target: string): Promise<HttpProxy> {
  const passed: PassingRequest[] = [];
  let judge: Judge = () => 'pass';

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(incoming);
    const passing: PassingRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      action: String(incoming.headers['x-amz-target'] ?? '').replace(SQS_TARGET, ''),
      body: bytes.toString(),
      answered: false,
    };
    passed.push(passing);
    response.once('finish', () => {
      passing.answered = true;
    });
    const verdict = await judge(passing);
    if (verdict === 'cut') {
      response.destroy();
    } else if (verdict !== 'pass' && 'status' in verdict) {
      response.writeHead(verdict.status).end();
    } else if (verdict !== 'pass' && 'afterwards' in verdict) {
      forward(target, incoming, response, bytes, () => {
        verdict.afterwards();
        response.destroy();
      });
    } else {
      forward(target, incoming, response, verdict === 'pass' ? bytes : verdict.body);
    }
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const port = await listenOnAnyPort(server);
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    judge(next) {
      judge = next;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  body: string | Buffer,
  onAnswer?: () => void,
): void {
  if (response.destroyed) return;
  const headers = { ...incoming.headers, 'content-length': Buffer.byteLength(body) };
  const { hostname, port } = new URL(target);
  const { method = '', url = '' } = incoming;
  const onward = request(
    // Letter by letter: as part of a URL a path with dots for segments would become another one.
    { hostname, port, path: url, method, headers, agent: false },
    (answer) => {
      if (onAnswer) {
        onAnswer();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  // A client that hangs up in a long poll hangs up on the queue, too.
  response.once('close', () => onward.destroy());
  onward.end(body);
}
