import { decodePercent, splitParameter } from '../viewer-request.ts';

/**
 * The fields of CloudFront's standard logs, in the order of "Standard logging reference" (Amazon
 * CloudFront Developer Guide): tools that read the real logs read these.
 */
export const FIELDS = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(Referer)',
  'cs(User-Agent)',
  'cs-uri-query',
  'cs(Cookie)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'x-forwarded-for',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'fle-status',
  'fle-encrypted-fields',
  'c-port',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
  'sc-content-type',
  'sc-content-len',
  'sc-range-start',
  'sc-range-end',
] as const;

export type Field = (typeof FIELDS)[number];

/** What begins every file. */
export const FILE_HEADER = `#Version: 1.0\n#Fields: ${FIELDS.join(' ')}\n`;

/**
 * Encodes what the reference says is encoded: ASCII 0 to 32 and 127 and above (their UTF-8 bytes), and
 * `< > " # % { } | \ ^ ~ [ ] ' \``. No value can therefore end a field or a line.
 */
export function encodeValue(value: string): string {
  return Array.from(Buffer.from(value), (byte) => {
    const character = String.fromCharCode(byte);
    const isPlain = byte > 32 && byte < 127 && !'<>"#%{}|\\^~[]\'`'.includes(character);
    return isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** One line of the log. A field that is not there, or is empty, is `-`. */
export function formatLine(values: Readonly<Partial<Record<Field, string | number>>>): string {
  return `${FIELDS.map((field) => encodeValue(String(values[field] ?? '')) || '-').join('\t')}\n`;
}

const SIGNATURES = ['signature', 'x-amz-signature'];

/**
 * A query without what would let its reader fetch the picture. The real logs have the signatures in
 * them, good until they expire; that is why they lie in a bucket of their own, and this log, which lies
 * on a developer's disk, leaves them out.
 */
export function withoutSignatures(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const { name } = splitParameter(parameter);
      const isSignature = SIGNATURES.includes((decodePercent(name) ?? name).toLowerCase());
      return isSignature ? `${name}=REDACTED` : parameter;
    })
    .join('&');
}
