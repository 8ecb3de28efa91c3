import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ControlError } from './control-errors.ts';
import { type ControlCredentials, verifyControlSignature } from './control-signature.ts';
import { controlErrorBody, invalidationBody, readInvalidationBatch } from './control-xml.ts';
import type { InvalidationPath } from './invalidation-path.ts';
import { createInvalidations } from './invalidations.ts';

export interface EdgeControlOptions {
  /** 0 takes any free port. */
  port: number;
  credentials: ControlCredentials;
  distributionId: string;
  invalidate: (path: InvalidationPath) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
  onProblem?: (error: unknown) => void;
}

export interface EdgeControl {
  url: string;
  port: number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** 3,000 paths of 4,000 characters would be more; nobody sends such. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const ROUTE = /^\/2020-05-31\/distribution\/([^/]+)\/invalidation$/;

/**
 * Starts the interface over which a distribution is managed: CreateInvalidation of CloudFront's API,
 * on a port of its own, as AWS has it on a host of its own. No viewer comes here.
 *
 * @throws Error if the port cannot be bound
 */
export async function startEdgeControl(options: EdgeControlOptions): Promise<EdgeControl> {
  const { credentials, distributionId, now = Date.now, onProblem = () => {} } = options;
  const invalidations = createInvalidations(options.invalidate, now);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { method = '', url = '' } = request;
    const [rawPath = '', rawQuery = ''] = url.split('?', 2);
    const headers = new Map(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const query = new Map(new URLSearchParams(rawQuery));
    verifyControlSignature({ method, rawPath, query, headers }, body, credentials, now());
    const [, distribution] = ROUTE.exec(rawPath) ?? [];
    if (method !== 'POST' || distribution === undefined) {
      throw new ControlError('NotImplemented', 'The local CloudFront creates invalidations only.');
    }
    if (distribution !== distributionId) {
      throw new ControlError('NoSuchDistribution', 'The specified distribution does not exist.');
    }
    const invalidation = invalidations.create(readInvalidationBatch(body.toString()));
    const location = `https://cloudfront.amazonaws.com${rawPath}/${invalidation.id}`;
    send(response, 201, invalidationBody(invalidation), { Location: location });
  }

  const server = createServer((request, response) => {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof ControlError)) onProblem(error);
      const refusal =
        error instanceof ControlError
          ? error
          : new ControlError('InternalFailure', 'The edge failed to handle this request.');
      send(response, refusal.status, controlErrorBody(refusal, requestId));
    });
  });
  const port = await listen(server, options.port);
  return {
    url: `http://${HOST}:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Read to its end all the same: a caller that is cut off gets to see no refusal.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new ControlError('BatchTooLarge', 'The body is too large.');
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'text/xml',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
