import { imageIdOfKey } from '../../domain/object-keys.ts';
import type { Logger } from '../../shared/logger.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import { malformedEvent, parseS3Event } from './s3-event.ts';
import type { UploadEvent, UploadOutcome, ValidateUpload } from './validate-upload.ts';

export type IngestConsumer = (message: QueueMessage, logger: Logger) => Promise<void>;

/**
 * Handles one queue message. Resolves when every upload in it is settled; throws as `parseS3Event`
 * and `validateUpload` do, but not before each of its uploads had its turn. A message that failed
 * is handled from its start again, which settled uploads do not mind.
 */
export function makeIngestConsumer(validateUpload: ValidateUpload): IngestConsumer {
  return async (message, logger) => {
    const { uploads, malformedRecords } = parseS3Event(message.body);
    const faults: unknown[] = [];
    for (const upload of uploads) {
      try {
        logOutcome(logger, upload, await validateUpload(upload, message.receiveCount > 1));
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
    if (malformedRecords > 0) throw malformedEvent(`${malformedRecords} records are malformed`);
  };
}

/** Names the image, not the bucket; a foreign key may hold anything and is not logged either. */
function logOutcome(logger: Logger, upload: UploadEvent, outcome: UploadOutcome): void {
  const { kind, ...details } = outcome;
  const fields = { imageId: imageIdOfKey(upload.key), versionId: upload.versionId, ...details };
  const level = kind === 'foreign' || kind === 'overwrite_refused' ? 'warn' : 'info';
  logger[level](fields, `ingest.${kind}`);
}
