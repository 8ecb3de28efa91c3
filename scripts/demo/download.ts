import { createHash } from 'node:crypto';
import { Problem } from './problem.ts';
import { describeRefusal } from './s3-error.ts';

export interface Downloaded {
  sizeBytes: number;
  /** In hexadecimal. */
  sha256: string;
}

/**
 * Fetches a signed URL and keeps nothing but size and hash of what came. Throws Problem with the
 * edge's status and error code when it is refused.
 */
export async function download(
  url: string,
  options: { signal: AbortSignal; onBytes(count: number): void },
): Promise<Downloaded> {
  // Asked for as it is: fetch() would offer compression and unpack what it gets.
  const headers = { 'accept-encoding': 'identity' };
  const response = await fetch(url, { headers, signal: options.signal });
  const body = response.body ?? [];
  if (response.status !== 200) {
    throw new Problem(`download refused: ${await describeRefusal(response.status, body)}`);
  }
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    options.onBytes(chunk.length);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}
