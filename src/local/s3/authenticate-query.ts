import { type Claim, parseCredential, type Verifier } from './credential.ts';
import { S3Error } from './errors.ts';
import { ALGORITHM, parseTimestamp, type SignedRequest } from './sigv4.ts';

const MAX_EXPIRES_SECONDS = 604_800;
/** How far a signer's clock may be ahead of ours. */
const MAX_AHEAD_MS = 15 * 60 * 1000;

function refuse(message?: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message === undefined ? {} : { message });
}

/** S3 allows 1 second to a week. */
function parseExpires(text: string): number {
  if (!/^-?\d+$/.test(text)) throw refuse('X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds < 1) throw refuse('X-Amz-Expires must be positive');
  if (seconds > MAX_EXPIRES_SECONDS) {
    throw refuse(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  return seconds;
}

function assertInTime(time: number, expiresSeconds: number, timestamp: string, now: number): void {
  const serverTime = new Date(now).toISOString();
  const expiry = time + expiresSeconds * 1000;
  if (now > expiry) {
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      details: {
        'X-Amz-Expires': String(expiresSeconds),
        Expires: new Date(expiry).toISOString().replace('.000Z', 'Z'),
        ServerTime: serverTime,
      },
    });
  }
  if (time > now + MAX_AHEAD_MS) {
    throw new S3Error('AccessDenied', {
      message: 'Request is not valid yet',
      details: { 'X-Amz-Date': timestamp, ServerTime: serverTime },
    });
  }
}

/**
 * Reads a presigned URL (AWS docs, "Authenticating Requests: Using Query Parameters").
 * @throws S3Error every refusal but `SignatureDoesNotMatch`
 */
export function authenticateQuery(request: SignedRequest, verifier: Verifier): Claim {
  const [algorithm, credential, timestamp, expires, signedHeaders, provided] = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ].map((name) => request.query.get(name));
  if (!algorithm || !credential || !timestamp || !expires || !signedHeaders || !provided) {
    throw refuse();
  }
  if (algorithm !== ALGORITHM) throw refuse(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const time = parseTimestamp(timestamp);
  if (time === undefined) {
    throw refuse("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const expiresSeconds = parseExpires(expires);
  if (request.query.has('X-Amz-Security-Token')) throw new S3Error('InvalidToken');
  const parsed = parseCredential(
    credential,
    timestamp,
    verifier,
    'AuthorizationQueryParametersError',
  );
  assertInTime(time, expiresSeconds, timestamp, verifier.now());
  return {
    credential: parsed,
    timestamp,
    signedHeaders: signedHeaders.split(';'),
    signature: provided,
    // A presigned URL leaves the body open unless it says otherwise, in query or signed header.
    payload:
      request.query.get('X-Amz-Content-Sha256') ??
      request.headers.get('x-amz-content-sha256') ??
      'UNSIGNED-PAYLOAD',
    presigned: true,
  };
}
