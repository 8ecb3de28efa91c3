import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from './problem.ts';
import { describeRefusal } from './s3-error.ts';

/** How long an upload may stand still, in milliseconds. */
const IDLE_TIMEOUT_MS = 30_000;
/** How long the answer to an upload that was cut off may take to arrive, in milliseconds. */
const LATE_ANSWER_MS = 1_000;

export interface Upload {
  file: string;
  /** What was declared, in bytes; a file that has changed since is not sent. */
  sizeBytes: number;
  url: string;
  headers: { name: string; value: string }[];
  signal: AbortSignal;
  onBytes(count: number): void;
}

/**
 * PUTs a file, read from disk as it is sent, with exactly these headers. Not with fetch(), which
 * sends a streamed body chunked, and S3 takes no chunked body. Returns the SHA-256 of what was
 * sent, in hexadecimal. Throws Problem with S3's status and error code when it is refused.
 */
export async function upload(options: Upload): Promise<string> {
  const request = openRequest(options);
  // Before anything is sent: S3 may refuse on the headers alone, while the body is under way.
  const answered = firstAnswer(request);
  answered.catch(() => {});
  const hash = createHash('sha256');
  try {
    const metered = meter(options, (chunk) => hash.update(chunk));
    await pipeline(createReadStream(options.file), metered, request, { signal: options.signal });
  } catch (error) {
    await throwRefusalIfAnswered(answered);
    throw error;
  }
  const response = await answered;
  if (!isSuccess(response)) throw await refusal(response);
  response.resume();
  return hash.digest('hex');
}

function openRequest({ url, headers, sizeBytes, signal }: Upload): ClientRequest {
  const { request } = url.startsWith('https:') ? https : http;
  const opened = request(url, { method: 'PUT', signal });
  // Node falls back to a chunked body without it, and every HTTP client states it.
  opened.setHeader('content-length', sizeBytes);
  for (const { name, value } of headers) opened.setHeader(name, value);
  opened.setTimeout(IDLE_TIMEOUT_MS, () => opened.destroy(new Problem('the upload stood still')));
  return opened;
}

async function firstAnswer(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(request, 'response');
  return response;
}

/** Passes bytes on, but never another number of them than was declared. */
function meter({ sizeBytes, onBytes }: Upload, onChunk: (chunk: Buffer) => void): Transform {
  let sent = 0;
  const changed = new Problem('the file changed while it was being sent');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      if (sent > sizeBytes) return done(changed);
      onChunk(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
    flush(done) {
      done(sent === sizeBytes ? null : changed);
    },
  });
}

/** A server that refuses early may cut the upload off; what it said tells more than that it did. */
async function throwRefusalIfAnswered(answered: Promise<IncomingMessage>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, LATE_ANSWER_MS, null);
  const response = await Promise.race([answered.catch(() => null), late]);
  clearTimeout(timer);
  if (response !== null && !isSuccess(response)) throw await refusal(response);
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function refusal(response: IncomingMessage): Promise<Problem> {
  return new Problem(
    `upload refused: ${await describeRefusal(response.statusCode ?? 0, response)}`,
  );
}
