import type { Authenticated } from './authenticate.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { Bytes } from './byte-reader.ts';
import {
  type Checksum,
  checksumHeaderName,
  checksumMismatch,
  checksumOfHeaders,
  createDigest,
  isBase64OfLength,
  parseAlgorithm,
  parseChecksum,
} from './checksums.ts';
import type { S3Request } from './context.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import type { Headers } from './headers.ts';

/** What was found out about content on its way through `read`. */
export interface ContentFacts {
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
  /** The checksum the client sent, once it was found right. */
  readonly checksum: Checksum | undefined;
}

export interface Payload {
  /**
   * Reads the whole content, handing each chunk to `sink`, and checks every promise made about it.
   * @throws S3Error `BadDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody`, ...; what was
   *   handed to the sink must then be thrown away
   */
  read(sink: (chunk: Buffer) => Promise<void>): Promise<ContentFacts>;
}

interface Streaming {
  readonly signed: boolean;
  readonly trailer: boolean;
}

/** The values of `x-amz-content-sha256` that are not a hash (AWS docs, "Authorization header"). */
const STREAMING: ReadonlyMap<string, Streaming> = new Map([
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { signed: false, trailer: true }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { signed: true, trailer: false }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { signed: true, trailer: true }],
]);

function streamingOf(auth: Authenticated): Streaming | undefined {
  const streaming = STREAMING.get(auth.payload);
  if (streaming !== undefined) return streaming;
  if (auth.payload.startsWith('STREAMING-')) throw notImplemented(auth.payload);
  if (auth.payload === 'UNSIGNED-PAYLOAD' || /^[0-9a-f]{64}$/.test(auth.payload)) return undefined;
  throw invalidArgument(
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    'x-amz-content-sha256',
    auth.payload,
  );
}

function contentMd5(headers: Headers): string | undefined {
  const value = headers.get('content-md5');
  if (value !== undefined && !isBase64OfLength(value, 16)) throw new S3Error('InvalidDigest');
  return value;
}

function decodedLength(headers: Headers): number {
  const text = headers.get('x-amz-decoded-content-length');
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new S3Error('MissingContentLength');
  return Number(text);
}

/**
 * What a request promises about its body, taken from its headers.
 * @throws S3Error for promises that are malformed or cannot be checked here
 */
export function expectPayload(headers: Headers, auth: Authenticated, body: Bytes): Payload {
  const streaming = streamingOf(auth);
  const md5Expected = contentMd5(headers);
  const inHeader = checksumOfHeaders(headers);
  const trailerName = streaming?.trailer ? headers.get('x-amz-trailer')?.toLowerCase() : undefined;
  const inTrailer =
    trailerName === undefined
      ? undefined
      : parseAlgorithm(trailerName.replace(/^x-amz-checksum-/, ''));
  if (inHeader !== undefined && inTrailer !== undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const lengthExpected = streaming === undefined ? undefined : decodedLength(headers);

  return {
    read: async (sink) => {
      const chunked =
        streaming === undefined
          ? undefined
          : decodeAwsChunked(body, {
              seed: streaming.signed ? auth.seed : undefined,
              trailer: streaming.trailer,
            });
      const content = chunked?.content ?? body;
      const algorithm = inHeader?.algorithm ?? inTrailer;
      const md5 = createDigest('MD5');
      const checksum = algorithm === undefined ? undefined : createDigest(algorithm);
      const sha256 = /^[0-9a-f]{64}$/.test(auth.payload) ? createDigest('SHA256') : undefined;
      let size = 0;
      for (let next = await content.next(); next.done !== true; next = await content.next()) {
        size += next.value.length;
        if (lengthExpected !== undefined && size > lengthExpected) {
          throw new S3Error('IncompleteBody');
        }
        for (const digest of [md5, checksum, sha256]) digest?.update(next.value);
        await sink(next.value);
      }
      if (lengthExpected !== undefined && size !== lengthExpected) {
        throw new S3Error('IncompleteBody');
      }

      const md5Base64 = md5.finish();
      if (sha256 !== undefined) {
        const computed = Buffer.from(sha256.finish(), 'base64').toString('hex');
        if (computed !== auth.payload) {
          throw new S3Error('XAmzContentSHA256Mismatch', {
            details: {
              ClientComputedContentSHA256: auth.payload,
              S3ComputedContentSHA256: computed,
            },
          });
        }
      }
      if (md5Expected !== undefined && md5Expected !== md5Base64) {
        throw new S3Error('BadDigest', {
          details: { ExpectedDigest: md5Expected, CalculatedDigest: md5Base64 },
        });
      }
      const found = inHeader ?? (inTrailer && trailingChecksum(inTrailer, chunked?.trailers));
      if (found !== undefined && found.value !== checksum?.finish()) {
        throw checksumMismatch(found.algorithm);
      }
      return { size, md5: Buffer.from(md5Base64, 'base64').toString('hex'), checksum: found };
    },
  };
}

function trailingChecksum(
  algorithm: Checksum['algorithm'],
  trailers: ReadonlyMap<string, string> | undefined,
): Checksum {
  const name = checksumHeaderName(algorithm);
  const value = trailers?.get(name);
  if (value === undefined) throw new S3Error('MalformedTrailerError');
  return parseChecksum(name, value);
}

/** S3's limit for documents such as the list of DeleteObjects, in bytes. */
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/**
 * Reads a small document and checks what its request promises about it.
 * @throws S3Error `MaxMessageLengthExceeded`, and what `Payload.read` throws
 */
export async function readSmallBody(request: S3Request): Promise<string> {
  const payload = expectPayload(request.headers, request.auth, request.body.chunks);
  const parts: Buffer[] = [];
  let size = 0;
  await payload.read(async (chunk) => {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new S3Error('MaxMessageLengthExceeded');
    parts.push(chunk);
  });
  return Buffer.concat(parts).toString();
}
