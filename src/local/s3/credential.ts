import { S3Error, type S3ErrorCode } from './errors.ts';
import type { Scope } from './sigv4.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who may call, where, and what time it is. */
export interface Verifier {
  readonly credentials: Credentials;
  readonly region: string;
  /** Milliseconds. */
  readonly now: () => number;
}

export interface Credential {
  readonly accessKeyId: string;
  readonly scope: Scope;
}

/** What header and query authentication have in common once they are parsed. */
export interface Claim {
  readonly credential: Credential;
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payload: string;
  readonly presigned: boolean;
}

export function oldSignatureVersion(): S3Error {
  return new S3Error('InvalidRequest', {
    message:
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  });
}

/**
 * Reads `AKID/yyyymmdd/region/s3/aws4_request`.
 * @param code what a bad credential is called where this one was found
 * @throws S3Error `code`, `InvalidAccessKeyId`
 */
export function parseCredential(
  text: string,
  timestamp: string,
  verifier: Verifier,
  code: S3ErrorCode,
): Credential {
  const prefix =
    code === 'AuthorizationHeaderMalformed'
      ? 'The authorization header is malformed'
      : 'Error parsing the X-Amz-Credential parameter';
  const refuse = (reason: string, details: Record<string, string> = {}): S3Error =>
    new S3Error(code, { message: `${prefix}; ${reason}`, details });

  const parts = text.split('/');
  const [terminator, service, region, day] = parts.reverse();
  // An access key id may itself hold slashes as far as the format goes.
  const accessKeyId = parts.slice(4).reverse().join('/');
  if (
    accessKeyId === '' ||
    day === undefined ||
    region === undefined ||
    terminator !== 'aws4_request'
  ) {
    throw refuse(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  if (service !== 's3') {
    throw refuse(`incorrect service "${service ?? ''}". This endpoint belongs to "s3".`);
  }
  if (region !== verifier.region) {
    throw refuse(`the region '${region}' is wrong; expecting '${verifier.region}'`, {
      Region: verifier.region,
    });
  }
  if (day !== timestamp.slice(0, 8)) {
    throw refuse(
      `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${timestamp.slice(0, 8)}".`,
    );
  }
  if (accessKeyId !== verifier.credentials.accessKeyId) {
    throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: accessKeyId } });
  }
  return { accessKeyId, scope: { day, region, service } };
}
