import { closeSync, createReadStream, readSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { S3Response } from './context.ts';
import { errorBody, S3Error } from './errors.ts';

/** Up to here one read at once costs less than a stream with its four trips to the thread pool. */
const READ_AT_ONCE_BYTES = 64 * 1024;

/** Sends an answer; rejects when the client goes away in the middle of a file. */
export async function sendResponse(response: ServerResponse, answer: S3Response): Promise<void> {
  const { body } = answer;
  if (typeof body !== 'object') {
    const saysLength = answer.headers !== undefined && 'Content-Length' in answer.headers;
    // Told nothing, Node sends an empty answer in chunks.
    const isBare = answer.status === 204 || answer.status === 304 || response.req.method === 'HEAD';
    if (!saysLength && !isBare) response.setHeader('Content-Length', Buffer.byteLength(body ?? ''));
    response.writeHead(answer.status, answer.headers);
    response.end(body);
    return;
  }
  try {
    response.writeHead(answer.status, answer.headers);
  } catch (error) {
    closeSync(body.fd);
    throw error;
  }
  const { fd, start, end } = body;
  if (end - start < READ_AT_ONCE_BYTES) {
    response.end(readAtOnce(fd, start, end));
    return;
  }
  await pipeline(createReadStream('', { fd, start, end }), response);
}

function readAtOnce(fd: number, start: number, end: number): Buffer {
  try {
    const bytes = Buffer.alloc(end - start + 1);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
  } finally {
    closeSync(fd);
  }
}

/**
 * The answer to a request that failed. A fault that is no S3Error says nothing about itself.
 * @param rawPath still percent-encoded
 */
export function errorResponse(
  error: unknown,
  method: string,
  rawPath: string,
  requestId: string,
): S3Response {
  const refusal = error instanceof S3Error ? error : new S3Error('InternalError');
  const headers = { ...refusal.headers, 'Content-Type': 'application/xml' };
  // HEAD has no body: its client has nothing but the status.
  if (method === 'HEAD') return { status: refusal.status, headers };
  return { status: refusal.status, headers, body: errorBody(refusal, rawPath, requestId) };
}

/** A response to bytes that Node could not read as a request. */
export function unreadableRequestResponse(
  errorCode: string | undefined,
  requestId: string,
): string {
  const tooLarge = errorCode === 'HPE_HEADER_OVERFLOW';
  const error = new S3Error(tooLarge ? 'RequestHeaderSectionTooLarge' : 'BadRequest');
  const body = errorBody(error, '/', requestId);
  return [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/xml',
    `x-amz-request-id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
