import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { notImplemented, S3Error } from './errors.ts';
import type { Headers } from './headers.ts';

/** The checksums of S3 that Node can compute; of the others S3 knows more. */
export type ChecksumAlgorithm = 'CRC32' | 'SHA1' | 'SHA256';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

const LENGTHS: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, SHA1: 20, SHA256: 32 };
const PREFIX = 'x-amz-checksum-';
/** Names with the prefix that are no checksum. */
const NOT_CHECKSUMS = new Set(['algorithm', 'mode', 'type']);

export interface Digest {
  update(chunk: Buffer): void;
  /** Base64; once. */
  finish(): string;
}

export function createDigest(algorithm: ChecksumAlgorithm | 'MD5'): Digest {
  if (algorithm === 'CRC32') {
    let value = 0;
    return {
      update: (chunk) => {
        value = crc32(chunk, value);
      },
      finish: () => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value);
        return bytes.toString('base64');
      },
    };
  }
  const hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), finish: () => hash.digest('base64') };
}

/** @throws S3Error `NotImplemented` for an algorithm that is not computed here */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  if (upper === 'CRC32' || upper === 'SHA1' || upper === 'SHA256') return upper;
  throw notImplemented(`the checksum algorithm ${name}`);
}

export function isBase64OfLength(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}

/** @throws S3Error `InvalidRequest` unless `value` can be a checksum of that algorithm */
export function parseChecksum(name: string, value: string): Checksum {
  const algorithm = parseAlgorithm(name.slice(PREFIX.length));
  if (!isBase64OfLength(value, LENGTHS[algorithm])) {
    throw new S3Error('InvalidRequest', { message: `Value for ${name} header is invalid.` });
  }
  return { algorithm, value };
}

/**
 * The checksum a request announces in a header (AWS docs, "Checking object integrity").
 * @throws S3Error `InvalidRequest` for more than one, `NotImplemented`
 */
export function checksumOfHeaders(headers: Headers): Checksum | undefined {
  const names = [...headers.keys()].filter(
    (name) => name.startsWith(PREFIX) && !NOT_CHECKSUMS.has(name.slice(PREFIX.length)),
  );
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length > 1) {
    throw new S3Error('InvalidRequest', {
      message:
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  return parseChecksum(name, headers.get(name) ?? '');
}

export function checksumHeaderName(algorithm: ChecksumAlgorithm): string {
  return `${PREFIX}${algorithm.toLowerCase()}`;
}

export function checksumMismatch(algorithm: ChecksumAlgorithm): S3Error {
  return new S3Error('BadDigest', {
    message: `The ${algorithm} you specified did not match the calculated checksum.`,
  });
}
