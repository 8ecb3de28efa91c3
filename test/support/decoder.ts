import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createImageDecoder, type ImageDecoder } from '../../src/shared/image-decoder.ts';
import { workerEnvironment } from './config.ts';

/** The worker's decoder, with the defaults of its configuration unless told otherwise. */
export function testDecoder(overrides: Record<string, string> = {}): ImageDecoder {
  return createImageDecoder(loadWorkerConfig(workerEnvironment(overrides)));
}
