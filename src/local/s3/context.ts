import type { Authenticated } from './authenticate.ts';
import type { EventDelivery } from './event-delivery.ts';
import type { Headers } from './headers.ts';
import type { PendingEvent, StoredObject } from './object-version.ts';
import type { RequestBody } from './request-body.ts';
import type { CreatedEventName } from './s3-event.ts';
import type { Store } from './store.ts';
import type { Target } from './target.ts';

/** What handlers work with. */
export interface S3Context {
  readonly store: Store;
  readonly events: EventDelivery;
  readonly region: string;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A request before anyone has looked at who sent it. */
export interface ReceivedRequest extends Target {
  readonly method: string;
  /** Includes the headers that a presigned URL carries in its query. */
  readonly headers: Headers;
  readonly body: RequestBody;
  readonly requestId: string;
  readonly sourceIp: string;
}

export interface S3Request extends ReceivedRequest {
  readonly auth: Authenticated;
}

export interface FileRange {
  /** Closed by whoever sends the response. */
  readonly fd: number;
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FileRange;
}

export type Handler = (context: S3Context, request: S3Request) => S3Response | Promise<S3Response>;

export function xmlResponse(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): S3Response {
  return { status, headers: { ...headers, 'Content-Type': 'application/xml' }, body };
}

/** The events to store with an object that this request makes. */
export function eventsOf(
  context: S3Context,
  request: ReceivedRequest,
  name: CreatedEventName,
): (object: StoredObject) => readonly PendingEvent[] {
  const { bucket, key, requestId, sourceIp } = request;
  return context.events.eventsFor({
    name,
    region: context.region,
    bucket,
    key,
    requestId,
    sourceIp,
  });
}
