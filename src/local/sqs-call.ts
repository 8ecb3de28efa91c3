import type { SqsApp } from './sqs-store.ts';

/**
 * Calls an action of the queue server as a client would, without a socket.
 *
 * @param action e.g. `SendMessage` (Amazon SQS API Reference, "Actions")
 */
export async function callSqs(
  app: SqsApp['app'],
  action: string,
  body: object,
): Promise<{ ok: boolean; body: string }> {
  const response = await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': JSON_PROTOCOL, 'x-amz-target': `${TARGET_PREFIX}${action}` },
    payload: JSON.stringify(body),
  });
  return { ok: response.statusCode === 200, body: response.body };
}

/** The content type of SQS's protocol (AWS JSON protocol 1.0). */
export const JSON_PROTOCOL = 'application/x-amz-json-1.0';

/** What precedes the action in the header `x-amz-target`. */
export const TARGET_PREFIX = 'AmazonSQS.';
