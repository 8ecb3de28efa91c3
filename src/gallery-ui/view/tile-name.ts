import { failureWords, typeName } from '../failure-words.ts';
import type { Tile } from '../model.ts';
import { sizeInWords } from './words.ts';

/** What a screen reader says of a tile; without the progress, which would be said again and again. */
export function tileName({ fileName, image, upload }: Tile): string {
  if (upload) {
    return `${fileName}, ${upload.problem ?? UPLOAD_WORDS[upload.state]}`;
  }
  if (!image) {
    return fileName;
  }
  if (image.status === 'PENDING') {
    return `${fileName}, not uploaded yet`;
  }
  const details = [typeName(image.contentType)];
  if (image.sizeBytes !== null) {
    details.push(sizeInWords(image.sizeBytes));
  }
  return `${fileName}, ${failureWords(image) ?? details.join(', ')}`;
}

export const UPLOAD_WORDS = {
  queued: 'Waiting',
  uploading: 'Uploading',
  checking: 'Checking',
  failed: 'Not uploaded',
  canceled: 'Canceled',
} as const;
