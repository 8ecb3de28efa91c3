import { type Claim, oldSignatureVersion, parseCredential, type Verifier } from './credential.ts';
import { S3Error } from './errors.ts';
import { ALGORITHM, formatTimestamp, parseTimestamp, type SignedRequest } from './sigv4.ts';

/** AWS docs, "Authenticating Requests (AWS Signature Version 4)": 15 minutes. */
const MAX_SKEW_MS = 15 * 60 * 1000;

function malformed(reason: string): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', {
    message: `The authorization header is malformed; ${reason}`,
  });
}

function timestampOf(request: SignedRequest): { text: string; time: number } {
  const amzDate = request.headers.get('x-amz-date');
  if (amzDate !== undefined) {
    const time = parseTimestamp(amzDate);
    if (time !== undefined) return { text: amzDate, time };
  }
  const time = amzDate === undefined ? Date.parse(request.headers.get('date') ?? '') : Number.NaN;
  if (Number.isNaN(time)) {
    throw new S3Error('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    });
  }
  return { text: formatTimestamp(time), time };
}

/**
 * Reads the Authorization header (AWS docs, "Authenticating Requests: Using the Authorization
 * Header").
 * @throws S3Error every refusal but `SignatureDoesNotMatch`
 */
export function authenticateHeader(
  request: SignedRequest,
  header: string,
  verifier: Verifier,
): Claim {
  const [algorithm = '', rest = ''] = header.split(/\s+(.*)/s);
  if (algorithm === 'AWS') throw oldSignatureVersion();
  if (algorithm !== ALGORITHM) {
    throw new S3Error('InvalidArgument', { message: 'Unsupported Authorization Type' });
  }
  const fields = new Map(
    rest.split(',').map((field) => {
      const [name = '', value = ''] = field.trim().split(/=(.*)/s);
      return [name, value] as const;
    }),
  );
  const credential = fields.get('Credential');
  const signedHeaders = fields.get('SignedHeaders');
  const provided = fields.get('Signature');
  if (!credential) throw malformed('missing Credential.');
  if (!signedHeaders) throw malformed('missing SignedHeaders.');
  if (!provided) throw malformed('missing Signature.');

  const { text: timestamp, time } = timestampOf(request);
  const payload = request.headers.get('x-amz-content-sha256');
  if (payload === undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    });
  }
  const now = verifier.now();
  if (Math.abs(now - time) > MAX_SKEW_MS) {
    throw new S3Error('RequestTimeTooSkewed', {
      details: {
        RequestTime: timestamp,
        ServerTime: new Date(now).toISOString(),
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
      },
    });
  }
  if (request.headers.has('x-amz-security-token')) throw new S3Error('InvalidToken');
  return {
    credential: parseCredential(credential, timestamp, verifier, 'AuthorizationHeaderMalformed'),
    timestamp,
    signedHeaders: signedHeaders.split(';'),
    signature: provided,
    payload,
    presigned: false,
  };
}
