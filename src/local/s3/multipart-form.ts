import { type ByteReader, type Bytes, createByteReader } from './byte-reader.ts';
import { S3Error } from './errors.ts';

/** AWS docs, "POST Object": the form data before the file may be at most 20 KB. */
const MAX_FIELDS_BYTES = 20_000;
const MAX_HEADER_BYTES = 4_096;
const HEADER_END = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');

export interface FormFile {
  /** The last part of the path the browser sent. */
  readonly fileName: string;
  /** Throws S3Error `MalformedPOSTRequest` when the form ends before the file does. */
  readonly content: Bytes;
}

export interface Form {
  /** Fields before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
  /**
   * Reads what is behind the file, once its content is read: S3 ignores fields there, but a
   * second file is refused, and a form that never ends is not one.
   * @throws S3Error `IncorrectNumberOfFilesInPostRequest`, `MalformedPOSTRequest`
   */
  finish(): Promise<void>;
}

interface PartHeaders {
  readonly name: string;
  readonly fileName: string | undefined;
}

function malformed(): S3Error {
  return new S3Error('MalformedPOSTRequest');
}

/** Browsers write quotes and line breaks in names as %22, %0D and %0A (WHATWG, "form-data"). */
function unescapeName(name: string): string {
  return name.replace(/%22|%0D|%0A/g, (escaped) => decodeURIComponent(escaped));
}

function parsePartHeaders(text: string): PartHeaders {
  const line = text.split('\r\n').find((header) => /^content-disposition:/i.test(header)) ?? '';
  const parameter = (key: string): string | undefined => {
    const match = new RegExp(`;\\s*${key}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(line);
    const quoted = match?.[1]?.replace(/\\(["\\])/g, '$1');
    const value = quoted ?? match?.[2];
    return value === undefined ? undefined : unescapeName(value);
  };
  const name = parameter('name');
  if (name === undefined) throw malformed();
  return { name: name.toLowerCase(), fileName: parameter('filename') };
}

/** Reads from behind a boundary to the content of the part; undefined at the end of the form. */
async function nextPart(reader: ByteReader): Promise<PartHeaders | undefined> {
  const afterBoundary = await reader.readUntil(CRLF, 256);
  // `--` ends the form; what a client puts behind it is of no interest, its CRLF may be missing.
  if (afterBoundary === undefined || afterBoundary.toString('latin1').startsWith('--')) {
    return undefined;
  }
  if (afterBoundary.toString('latin1').trim() !== '') throw malformed();
  const headers = await reader.readUntil(HEADER_END, MAX_HEADER_BYTES);
  if (headers === undefined) throw malformed();
  return parsePartHeaders(headers.toString('utf8'));
}

function boundaryOf(contentType: string): string {
  const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(
    contentType,
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed();
  return boundary;
}

/**
 * Reads a form up to the content of its file, which is left to be streamed (RFC 7578).
 * @throws S3Error `MalformedPOSTRequest`, `MaxPostPreDataLengthExceeded`,
 *   `IncorrectNumberOfFilesInPostRequest`
 */
export async function readForm(source: Bytes, contentType: string): Promise<Form> {
  const boundary = boundaryOf(contentType);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const reader = createByteReader(source);
  const fields = new Map<string, string>();
  let left = MAX_FIELDS_BYTES;

  // Nothing but an empty preamble is ever sent; the first boundary has no line break before it.
  const preamble = await reader.readUntil(Buffer.from(`--${boundary}`), MAX_HEADER_BYTES);
  if (preamble === undefined) throw malformed();

  for (;;) {
    const part = await nextPart(reader);
    if (part === undefined) throw new S3Error('IncorrectNumberOfFilesInPostRequest');
    if (part.name === 'file') {
      return {
        fields,
        file: {
          fileName: part.fileName?.replace(/^.*[/\\]/s, '') ?? '',
          content: untilDelimiter(reader, delimiter),
        },
        finish: () => finish(reader, delimiter),
      };
    }
    const value = await reader.readUntil(delimiter, left);
    if (value === undefined) throw new S3Error('MaxPostPreDataLengthExceeded');
    left -= value.length + part.name.length;
    if (left < 0) throw new S3Error('MaxPostPreDataLengthExceeded');
    // Two values for one name: one could be checked and the other one used.
    if (fields.has(part.name)) throw malformed();
    fields.set(part.name, value.toString('utf8'));
  }
}

async function* untilDelimiter(
  reader: ByteReader,
  delimiter: Buffer,
): AsyncGenerator<Buffer, undefined> {
  const ended = yield* reader.streamUntil(delimiter);
  if (!ended) throw malformed();
  return undefined;
}

async function finish(reader: ByteReader, delimiter: Buffer): Promise<void> {
  for (let part = await nextPart(reader); part !== undefined; part = await nextPart(reader)) {
    if (part.name === 'file') throw new S3Error('IncorrectNumberOfFilesInPostRequest');
    const value = await reader.readUntil(delimiter, MAX_FIELDS_BYTES);
    if (value === undefined) throw malformed();
  }
}
