/** What an error of the decoder says, as far as one must act on it. */
export type DecodeJudgement =
  /** Something that cameras and phones do write, and that every viewer shows. */
  | 'odd-jpeg'
  | 'too-large'
  /** Not the file's fault. */
  | 'machine-fault'
  | 'undecodable';

/** What `withoutJpegOddities` mends: Samsung's scan headers, padding before the end marker. */
const ODD_JPEG =
  /^VipsJpeg: (Invalid SOS parameters for sequential JPEG|Corrupt JPEG data: \d+ extraneous bytes before marker 0xd9)/;
const TOO_LARGE =
  /exceeds pixel limit|timeout: \d+% complete|Maximum supported image dimension|Security limit exceeded/;
const MACHINE_FAULT = /out of memory|cannot allocate memory|too many open files/i;

/**
 * sharp has no error codes, only libvips' words; tests hold these patterns against real files.
 * A file that takes longer than the time limit is too large in the one dimension left.
 */
export function judgeDecodeError(error: unknown): DecodeJudgement {
  const message = error instanceof Error ? error.message.trim() : String(error);
  if (ODD_JPEG.test(message)) return 'odd-jpeg';
  if (TOO_LARGE.test(message)) return 'too-large';
  return MACHINE_FAULT.test(message) ? 'machine-fault' : 'undecodable';
}
