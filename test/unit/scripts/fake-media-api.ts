import { readFile } from 'node:fs/promises';
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { buildSchema, graphql } from 'graphql';

const SCHEMA_FILE = path.resolve(import.meta.dirname, '../../../schema.graphql');

export interface FakeImage {
  id: string;
  fileName: string;
  contentType: string;
  contentLength: number;
  /** Set by the PUT. */
  bytes: Buffer | null;
  headers: IncomingHttpHeaders;
  /** How many times its state was asked for. */
  asked: number;
}

interface IngestInput {
  fileName: string;
  contentType: string;
  contentLength: number;
}

/** What a test has this deployment do otherwise than a healthy one; changed between tests. */
export interface Misbehaviour {
  userErrors?: { code: string; message: string; field: string | null }[];
  /** Answers the PUT instead of taking it. */
  refuseUpload?: (request: IncomingMessage, response: ServerResponse) => void;
  state?: (image: FakeImage) => { status: string; failureReason?: string };
  serve?: (image: FakeImage, response: ServerResponse) => void;
  /** Answers a GraphQL request instead of executing it, when it returns true. */
  breakGraphql?: (query: string, response: ServerResponse) => boolean;
}

export interface FakeMediaApi {
  endpoint: string;
  images: Map<string, FakeImage>;
  /** How many ids each question for states had. */
  questions: number[];
  misbehave(how: Misbehaviour): void;
  close(): Promise<void>;
}

/**
 * A deployment of the Media API as its client sees it: GraphQL (executed against schema.graphql, so
 * that an operation which is not of the contract fails), an upload URL and a download URL.
 */
export async function startFakeMediaApi(): Promise<FakeMediaApi> {
  const schema = buildSchema(await readFile(SCHEMA_FILE, 'utf8'));
  const images = new Map<string, FakeImage>();
  const questions: number[] = [];
  let how: Misbehaviour = {};

  function origin(): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function toGraphql(image: FakeImage | undefined) {
    if (image === undefined) return null;
    const { status, failureReason = null } = how.state?.(image) ?? healthyState(image);
    const access = { downloadUrl: `${origin()}/down/${image.id}?signed=1`, expiresAt: 'later' };
    return { ...image, status, failureReason, access: status === 'READY' ? access : null };
  }

  const rootValue = {
    createImageIngestUrl({ input }: { input: IngestInput }) {
      if (how.userErrors) return { userErrors: how.userErrors };
      const id = `image-${images.size + 1}`;
      const image: FakeImage = { ...input, id, bytes: null, headers: {}, asked: 0 };
      images.set(id, image);
      const uploadHeaders = [
        { name: 'Content-Type', value: input.contentType },
        { name: 'Content-Length', value: String(input.contentLength) },
        { name: 'x-amz-meta-signed', value: 'yes' },
      ];
      return {
        image: toGraphql(image),
        uploadUrl: `${origin()}/up/${id}?X-Amz-Signature=1`,
        uploadHeaders,
        userErrors: [],
      };
    },
    images({ ids }: { ids: string[] }) {
      questions.push(ids.length);
      for (const id of ids) {
        const image = images.get(id);
        if (image) image.asked += 1;
      }
      return ids.map((id) => toGraphql(images.get(id)));
    },
    image({ id }: { id: string }) {
      return toGraphql(images.get(id));
    },
  };

  async function answerGraphql(request: IncomingMessage, response: ServerResponse) {
    const { query, variables } = JSON.parse((await buffer(request)).toString());
    if (how.breakGraphql?.(query, response)) return;
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  }

  async function takeUpload(image: FakeImage, request: IncomingMessage, response: ServerResponse) {
    if (how.refuseUpload) return how.refuseUpload(request, response);
    image.headers = request.headers;
    image.bytes = await buffer(request);
    response.end();
  }

  const server = http.createServer((request, response) => {
    const [, kind, id = ''] = (request.url ?? '').split(/[/?]/);
    const image = images.get(id);
    const answer = async () => {
      if (kind === 'graphql') await answerGraphql(request, response);
      else if (image && kind === 'up') await takeUpload(image, request, response);
      else if (image?.bytes && kind === 'down') {
        if (how.serve) how.serve(image, response);
        else response.end(image.bytes);
      } else response.writeHead(404).end();
    };
    // A client that goes away in the middle is part of some tests.
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `${origin()}/graphql`,
    images,
    questions,
    misbehave(next) {
      how = next;
      images.clear();
      questions.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As the worker would judge, as far as these tests go: a PNG must be declared as one. */
function healthyState({ bytes, contentType }: FakeImage) {
  if (bytes === null) return { status: 'PENDING' };
  const isPng = bytes.subarray(1, 4).toString() === 'PNG';
  return isPng && contentType !== 'image/png'
    ? { status: 'FAILED', failureReason: 'CONTENT_TYPE_MISMATCH' }
    : { status: 'READY' };
}
