import { authenticateHeader } from './authenticate-header.ts';
import { authenticateQuery } from './authenticate-query.ts';
import { type Claim, type Credential, oldSignatureVersion, type Verifier } from './credential.ts';
import { S3Error } from './errors.ts';
import {
  canonicalRequest,
  type SignedRequest,
  signature,
  signaturesEqual,
  signingKey,
  stringToSign,
} from './sigv4.ts';

/** A request whose signature was found good. */
export interface Authenticated {
  /** What `x-amz-content-sha256` says: a hash, `UNSIGNED-PAYLOAD` or a kind of streaming. */
  readonly payload: string;
  readonly presigned: boolean;
  /** The first link of the chain of chunk signatures. */
  readonly seed: ChunkSeed;
}

export interface ChunkSeed {
  readonly signingKey: Buffer;
  readonly signature: string;
  readonly timestamp: string;
  readonly credential: Credential;
}

/**
 * Finds out how a request is signed and verifies it, in S3's order: form, time, key, signature.
 * @throws S3Error the refusal that S3 gives
 */
export function authenticate(request: SignedRequest, verifier: Verifier): Authenticated {
  const header = request.headers.get('authorization');
  const presigned = ['X-Amz-Algorithm', 'X-Amz-Signature', 'X-Amz-Credential'].some((name) =>
    request.query.has(name),
  );
  if (header !== undefined && presigned) {
    throw new S3Error('InvalidArgument', {
      message:
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    });
  }
  if (header !== undefined)
    return verify(request, authenticateHeader(request, header, verifier), verifier);
  if (presigned) return verify(request, authenticateQuery(request, verifier), verifier);
  if (request.query.has('AWSAccessKeyId')) throw oldSignatureVersion();
  throw new S3Error('AccessDenied');
}

function verify(request: SignedRequest, claim: Claim, verifier: Verifier): Authenticated {
  assertHeadersSigned(request, claim);
  const canonical = canonicalRequest(request, claim.signedHeaders, claim.payload);
  const text = stringToSign(claim.timestamp, claim.credential.scope, canonical);
  const key = signingKey(verifier.credentials.secretAccessKey, claim.credential.scope);
  if (!signaturesEqual(signature(key, text), claim.signature)) {
    // S3 shows both texts, and they are what one needs to find out which byte differs.
    throw new S3Error('SignatureDoesNotMatch', {
      details: {
        AWSAccessKeyId: claim.credential.accessKeyId,
        StringToSign: text,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    });
  }
  return {
    payload: claim.payload,
    presigned: claim.presigned,
    seed: {
      signingKey: key,
      signature: claim.signature,
      timestamp: claim.timestamp,
      credential: claim.credential,
    },
  };
}

/** `host` and every `x-amz-*` header must be signed: S3 acts on them (AWS docs, as above). */
function assertHeadersSigned(request: SignedRequest, claim: Claim): void {
  const signed = new Set(claim.signedHeaders);
  const unsigned = [...request.headers.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name),
  );
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      details: { HeadersNotSigned: unsigned.join(', ') },
    });
  }
}
