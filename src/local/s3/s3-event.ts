import { randomBytes } from 'node:crypto';
import { NULL_VERSION, type StoredObject } from './object-version.ts';

export type CreatedEventName = 'ObjectCreated:Put' | 'ObjectCreated:Post' | 'ObjectCreated:Copy';

export interface CreatedEvent {
  readonly name: CreatedEventName;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly object: StoredObject;
  readonly configurationId: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

const PRINCIPAL = { principalId: 'LOCALS3' };

/** S3 writes keys into events as a form would: a space is `+`, everything but `/` is escaped. */
export function eventKey(key: string): string {
  return new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');
}

/** The body of a message about one new object (AWS docs, "Event message structure"). */
export function createdEventBody(event: CreatedEvent): string {
  const { object } = event;
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: event.region,
    eventTime: new Date(object.lastModified).toISOString(),
    eventName: event.name,
    userIdentity: PRINCIPAL,
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: event.configurationId,
      bucket: {
        name: event.bucket,
        ownerIdentity: PRINCIPAL,
        arn: `arn:aws:s3:::${event.bucket}`,
      },
      object: {
        key: eventKey(event.key),
        size: object.size,
        eTag: object.etag,
        ...(object.versionId === NULL_VERSION ? {} : { versionId: object.versionId }),
        sequencer: object.sequencer,
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/**
 * The message S3 sends once when notifications are configured: it has no `Records`. The local
 * S3 never sends it by itself.
 * @param now milliseconds
 */
export function testEventBody(bucket: string, now: number = Date.now()): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(now).toISOString(),
    Bucket: bucket,
    RequestId: randomBytes(8).toString('hex').toUpperCase(),
    HostId: randomBytes(32).toString('base64'),
  });
}
