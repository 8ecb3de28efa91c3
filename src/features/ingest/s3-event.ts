import { z } from 'zod';
import { DomainError } from '../../domain/domain-error.ts';
import type { UploadEvent } from './validate-upload.ts';

/**
 * A queue message of S3 ("Event message structure", Amazon S3 User Guide), as far as it matters
 * here. Fields that are not named are allowed: S3 adds some from time to time.
 */
const recordSchema = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string().transform(decodeKey),
      versionId: z.string().min(1).optional(),
      eTag: z.string().min(1).optional(),
    }),
  }),
});

const messageSchema = z.union([
  z.object({ Event: z.literal('s3:TestEvent') }).transform(() => ({ Records: [] })),
  z.object({ Records: z.array(z.unknown()) }),
]);

export interface S3Event {
  /** None for the test event that S3 sends when notifications are configured. */
  uploads: UploadEvent[];
  /** How many records could not be understood. */
  malformedRecords: number;
}

/** Keys are form-encoded in events: a space is `+`, everything else percent-encoded UTF-8. */
function decodeKey(encoded: string, context: z.RefinementCtx<string>): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    context.addIssue('is not percent-encoded UTF-8');
    return z.NEVER;
  }
}

/**
 * The uploads that a queue message tells of, several where S3 put several records into one message.
 * Throws DomainError("MALFORMED_EVENT") for a body that can never be understood.
 */
export function parseS3Event(body: string): S3Event {
  const message = messageSchema.safeParse(parseJson(body));
  if (!message.success) throw malformedEvent('the message is not an S3 event');
  const records = message.data.Records.map((record) => recordSchema.safeParse(record));
  return {
    uploads: records
      .flatMap(({ data }) => (data && isObjectCreated(data.eventName) ? [data.s3] : []))
      .map(({ bucket, object }) => ({
        bucket: bucket.name,
        key: object.key,
        versionId: object.versionId ?? null,
        etag: object.eTag ?? null,
      })),
    malformedRecords: records.filter(({ success }) => !success).length,
  };
}

/** Events written by other tools carry the `s3:` that S3 itself leaves out. */
function isObjectCreated(eventName: string): boolean {
  return /^(s3:)?ObjectCreated:/.test(eventName);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw malformedEvent('the message is not JSON');
  }
}

export function malformedEvent(problem: string): DomainError {
  return new DomainError('MALFORMED_EVENT', problem);
}
