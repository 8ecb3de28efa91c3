import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import http, { type ClientRequest } from 'node:http';
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
  // Listened for before anything is sent: S3 may refuse on the headers alone.
  const answered = answerTo(request);
  answered.catch(() => {});
  const hash = createHash('sha256');
  try {
    const metered = meter(options, (chunk) => hash.update(chunk));
    await pipeline(createReadStream(options.file), metered, request, { signal: options.signal });
  } catch (error) {
    // A server that refuses early may cut the upload off; why it refused tells more than that.
    const refusal = await soon(answered.catch(() => null));
    throw refusal ?? error;
  }
  const refusal = await answered;
  if (refusal !== null) throw refusal;
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

/** Null when the upload was taken, the Problem when it was refused. Rejects without an answer. */
function answerTo(request: ClientRequest): Promise<Problem | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Problem | null>();
  request.once('error', reject);
  request.once('response', (response) => {
    const { statusCode: status = 0 } = response;
    if (status < 200 || status >= 300) {
      // Read at once: what has arrived is lost when the connection breaks.
      resolve(
        describeRefusal(status, response).then((why) => new Problem(`upload refused: ${why}`)),
      );
      return;
    }
    response.resume();
    resolve(null);
  });
  return promise;
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

/** What the promise gives within LATE_ANSWER_MS; null after that. */
async function soon<Value>(promise: Promise<Value>): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, LATE_ANSWER_MS, null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
