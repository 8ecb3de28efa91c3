import { imageIdOfKey } from '../../domain/object-keys.ts';
import type { Logger } from '../../shared/logger.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { malformedEvent, parseS3Event } from './s3-event.ts';
import type { UploadEvent, UploadOutcome, ValidateUpload } from './validate-upload.ts';

export type IngestConsumer = (message: QueueMessage, logger: Logger) => Promise<void>;

/**
 * Handles one queue message. Resolves when every upload in it is settled; throws as `parseS3Event`
 * and `validateUpload` do, but not before each of its uploads had its turn. A message that failed
 * is handled from its start again, which settled uploads do not mind.
 */
export function makeIngestConsumer(
  validateUpload: ValidateUpload,
  telemetry: Pick<Telemetry, 'emit'>,
): IngestConsumer {
  return async (message, logger) => {
    const { uploads, malformedRecords } = parseS3Event(message.body);
    const faults: unknown[] = [];
    for (const upload of uploads) {
      try {
        const outcome = await validateUpload(upload, message.receiveCount > 1, (change) =>
          telemetry.emit('image.status_changed', change, logger),
        );
        tellOutcome(telemetry, logger, upload, outcome);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
    if (malformedRecords > 0) throw malformedEvent(`${malformedRecords} records are malformed`);
  };
}

/** A verdict has been told as the change of status that it was. */
function tellOutcome(
  telemetry: Pick<Telemetry, 'emit'>,
  logger: Logger,
  { key, versionId }: UploadEvent,
  { kind }: UploadOutcome,
): void {
  if (kind === 'ready' || kind === 'failed') return;
  const imageId = imageIdOfKey(key);
  if (kind === 'foreign' || imageId === null) {
    telemetry.emit('ingest.foreign', {}, logger);
  } else if (kind === 'duplicate') {
    telemetry.emit('ingest.duplicate', { imageId }, logger);
  } else {
    telemetry.emit(`ingest.${kind}`, { imageId, versionId }, logger);
  }
}
