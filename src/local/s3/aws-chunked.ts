import { createHash } from 'node:crypto';
import type { ChunkSeed } from './authenticate.ts';
import { type ByteReader, type Bytes, createByteReader } from './byte-reader.ts';
import { S3Error } from './errors.ts';
import { scopeText, sha256Hex, signature, signaturesEqual } from './sigv4.ts';

const CRLF = Buffer.from('\r\n');
/** A chunk header is a hex size and at most a signature; a trailer is a checksum or a signature. */
const MAX_LINE_BYTES = 1024;
const MAX_TRAILERS = 16;

export interface ChunkedBody {
  readonly content: Bytes;
  /** Filled when `content` has been read to its end. */
  readonly trailers: ReadonlyMap<string, string>;
}

export interface ChunkedOptions {
  /** Given when each chunk carries a signature. */
  readonly seed: ChunkSeed | undefined;
  readonly trailer: boolean;
}

/** Each chunk's signature signs its bytes and the signature before it. */
interface SignatureChain {
  verifyChunk(contentHash: string, provided: string): void;
  verifyTrailer(text: string, provided: string): void;
}

function createSignatureChain(seed: ChunkSeed): SignatureChain {
  let previous = seed.signature;
  const verify = (kind: string, hashes: readonly string[], provided: string): void => {
    const scope = scopeText(seed.credential.scope);
    const text = [`AWS4-HMAC-SHA256-${kind}`, seed.timestamp, scope, previous, ...hashes];
    const expected = signature(seed.signingKey, text.join('\n'));
    if (!signaturesEqual(expected, provided)) throw new S3Error('SignatureDoesNotMatch');
    previous = expected;
  };
  return {
    verifyChunk: (contentHash, provided) =>
      verify('PAYLOAD', [sha256Hex(''), contentHash], provided),
    verifyTrailer: (text, provided) => verify('TRAILER', [sha256Hex(text)], provided),
  };
}

async function readLine(reader: ByteReader): Promise<string> {
  const line = await reader.readUntil(CRLF, MAX_LINE_BYTES);
  if (line === undefined) throw new S3Error('IncompleteBody');
  return line.toString('latin1');
}

function parseChunkHeader(line: string): { size: number; signature: string } {
  const match = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null) throw new S3Error('InvalidRequest', { message: 'A chunk header is bad.' });
  return { size: Number.parseInt(match[1] ?? '', 16), signature: match[2] ?? '' };
}

/**
 * Undoes `Content-Encoding: aws-chunked` (AWS docs, "Signature Calculations for the Authorization
 * Header: Transferring Payload in Multiple Chunks" and "Trailing checksums").
 * Reading `content` throws S3Error `IncompleteBody`, `InvalidRequest`, `MalformedTrailerError` or
 * `SignatureDoesNotMatch`.
 */
export function decodeAwsChunked(source: Bytes, options: ChunkedOptions): ChunkedBody {
  const reader = createByteReader(source);
  const trailers = new Map<string, string>();
  const chain = options.seed === undefined ? undefined : createSignatureChain(options.seed);

  async function readTrailers(): Promise<void> {
    let signedText = '';
    for (let count = 0; count <= MAX_TRAILERS; count += 1) {
      const line = await readLine(reader);
      if (line === '') {
        if (chain !== undefined && options.trailer) throw new S3Error('MalformedTrailerError');
        return;
      }
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase().trim();
      const value = line.slice(colon + 1).trim();
      if (!options.trailer || colon < 1 || trailers.has(name)) {
        throw new S3Error('MalformedTrailerError');
      }
      if (name === 'x-amz-trailer-signature') {
        chain?.verifyTrailer(signedText, value);
        // Only the empty line that ends the body may follow.
        if ((await readLine(reader)) !== '') throw new S3Error('MalformedTrailerError');
        return;
      }
      trailers.set(name, value);
      signedText += `${name}:${value}\n`;
    }
    throw new S3Error('MalformedTrailerError');
  }

  async function* decode(): AsyncGenerator<Buffer, undefined> {
    for (;;) {
      const header = parseChunkHeader(await readLine(reader));
      const hash = createHash('sha256');
      const content = reader.streamExactly(header.size);
      let part = await content.next();
      for (; part.done !== true; part = await content.next()) {
        hash.update(part.value);
        yield part.value;
      }
      if (!part.value) throw new S3Error('IncompleteBody');
      chain?.verifyChunk(hash.digest('hex'), header.signature);
      if (header.size === 0) break;
      if ((await readLine(reader)) !== '') throw new S3Error('IncompleteBody');
    }
    await readTrailers();
    return undefined;
  }

  return { content: decode(), trailers };
}
