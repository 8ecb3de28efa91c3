import {
  ALGORITHM,
  canonicalRequest,
  parseTimestamp,
  type SignedRequest,
  sha256Hex,
  signature,
  signaturesEqual,
  signingKey,
  stringToSign,
} from '../s3/sigv4.ts';
import { ControlError } from './control-errors.ts';

export interface ControlCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** CloudFront has no regions; requests to it are signed for this one, wherever they come from. */
const REGION = 'us-east-1';
const SERVICE = 'cloudfront';
const MAX_SKEW_MS = 5 * 60 * 1000;

const HEADER =
  /^(\S+) Credential=([^/,\s]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Verifies the signature (SigV4) of a request with this body.
 *
 * @throws ControlError as AWS refuses: form, key, time, signature
 */
export function verifyControlSignature(
  request: SignedRequest,
  body: Buffer,
  { accessKeyId, secretAccessKey }: ControlCredentials,
  nowMs: number,
): void {
  const { headers } = request;
  const header = headers.get('authorization');
  if (header === undefined) {
    throw new ControlError('MissingAuthenticationToken', 'Missing Authentication Token');
  }
  const [, algorithm, keyId, day = '', region, service, names = '', given = ''] =
    HEADER.exec(header) ?? [];
  const timestamp = headers.get('x-amz-date') ?? '';
  const time = parseTimestamp(timestamp);
  const signedHeaders = names.split(';');
  if (algorithm !== ALGORITHM || time === undefined || !signedHeaders.includes('host')) {
    throw new ControlError('IncompleteSignature', 'The request signature is not complete');
  }
  if (keyId !== accessKeyId) {
    throw new ControlError(
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    );
  }
  if (region !== REGION || service !== SERVICE || day !== timestamp.slice(0, 8)) {
    throw new ControlError(
      'SignatureDoesNotMatch',
      `Credential should be scoped to ${timestamp.slice(0, 8)}/${REGION}/${SERVICE}`,
    );
  }
  if (Math.abs(nowMs - time) > MAX_SKEW_MS) {
    throw new ControlError('SignatureDoesNotMatch', 'Signature expired or not yet current');
  }
  const scope = { day, region, service };
  const canonical = canonicalRequest(request, signedHeaders, sha256Hex(body));
  const expected = signature(
    signingKey(secretAccessKey, scope),
    stringToSign(timestamp, scope, canonical),
  );
  if (!signaturesEqual(expected, given)) {
    throw new ControlError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
}
