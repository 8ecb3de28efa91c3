import { json, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { DomainError } from '../domain/domain-error.ts';

/** An error that exists only on HTTP: its status, and the message and code of the error shape. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** For a known path: answers every method without a handler of its own with 405 and `Allow`. */
export function methodNotAllowed(...allowed: string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new HttpError(
      405,
      'METHOD_NOT_ALLOWED',
      `method ${request.method} is not allowed here; allowed: ${allowed.join(', ')}`,
    );
  };
}

/**
 * Bodies are JSON whatever their Content-Type says: curl sends a form type unless told otherwise.
 * Not strict: `null` is JSON too, and a schema says better what is wrong with it.
 */
export const jsonBody = json({ type: () => true, strict: false });

/**
 * The request body as the schema has it. Throws DomainError("INVALID_REQUEST") naming every field
 * at fault.
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    [path.map(String).join('.'), message].filter(Boolean).join(' '),
  );
  throw new DomainError('INVALID_REQUEST', problems.join('; '));
}

/**
 * Answers with JSON. Express's `json` gives the same, after it has looked up content types, charsets
 * and conditions that are no question here.
 */
export function sendJson(response: Response, status: number, body: object): void {
  response.statusCode = status;
  sendText(response, 'application/json', JSON.stringify(body));
}

/** Answers with text in UTF-8. */
export function sendText(response: Response, contentType: string, text: string): void {
  const type = contentType.includes('charset=') ? contentType : `${contentType}; charset=utf-8`;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

/** RFC 3339 in UTC, without a fraction: expiries are whole seconds. */
export function wholeSeconds(date: Date): string {
  // A batch has the same expiry fifty times.
  const time = date.getTime();
  if (time !== lastWritten.time) {
    lastWritten = { time, text: `${date.toISOString().slice(0, -'.000Z'.length)}Z` };
  }
  return lastWritten.text;
}

let lastWritten = { time: Number.NaN, text: '' };
