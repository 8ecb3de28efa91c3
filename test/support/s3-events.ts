import { BUCKET } from './surroundings.ts';

export interface EventParts {
  key: string;
  versionId?: string | null;
  etag?: string;
  bucket?: string;
  eventName?: string;
}

/** One record of an S3 event, with no more than what S3 documents to be always there. */
export function eventRecord(parts: EventParts): object {
  const { key, versionId, etag, bucket = BUCKET, eventName = 'ObjectCreated:Put' } = parts;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName,
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket },
      object: { key, ...(versionId && { versionId }), ...(etag && { eTag: etag }) },
    },
  };
}

/** The body of a queue message. */
export function eventBody(...parts: EventParts[]): string {
  return JSON.stringify({ Records: parts.map(eventRecord) });
}
