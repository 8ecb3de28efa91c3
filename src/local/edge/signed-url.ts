import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { parseCustomPolicy } from './custom-policy.ts';
import { type ErrorPage, signatureErrors } from './errors.ts';
import { decodePercent, splitParameter } from './viewer-request.ts';

/** A request as far as its signature is concerned. */
export interface SignedRequest {
  /** Scheme, Host header and raw path: `https://d111.cloudfront.net/ingest/01J...`. */
  baseUrl: string;
  rawParameters: readonly string[];
  viewerAddress: string;
  nowMs: number;
}

/** Says why a request is refused; undefined when its signature holds. */
export type SignatureVerifier = (request: SignedRequest) => ErrorPage | undefined;

/** AWS "Create a signed URL using a canned policy": these are taken off before the URL is signed. */
const cloudFrontParameters = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'];

const hashes = new Map([
  [undefined, 'sha1'],
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
]);

/** Undoes CloudFront's base64 (`-_~` for `+=/`); undefined unless it is exactly one encoding. */
function decodeBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9~_-]+$/.test(text)) return undefined;
  const standard = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const bytes = Buffer.from(standard, 'base64');
  return bytes.toString('base64') === standard ? bytes : undefined;
}

/** The CloudFront parameters by name, and the others untouched; undefined if one comes twice. */
function separate(rawParameters: readonly string[]) {
  const cloudFront = new Map<string, string>();
  const own: string[] = [];
  for (const parameter of rawParameters) {
    const { name, value } = splitParameter(parameter);
    if (!cloudFrontParameters.includes(name)) {
      own.push(parameter);
    } else if (cloudFront.has(name)) {
      return undefined;
    } else {
      // An undecodable value stays as it is; no parameter allows a `%`, so it is refused later.
      cloudFront.set(name, decodePercent(value) ?? value);
    }
  }
  return { cloudFront, own };
}

function holds(key: KeyObject, hash: string, signed: string, signature: Buffer): boolean {
  try {
    return key.asymmetricKeyType === 'ec'
      ? verify(hash, Buffer.from(signed), { key, dsaEncoding: 'der' }, signature)
      : verify(hash, Buffer.from(signed), { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    // OpenSSL throws, rather than says no, at some malformed signatures.
    return false;
  }
}

/** The policy that was signed, and whether it lets this request through. */
interface Terms {
  text: string;
  allows(): boolean;
}

function cannedTerms(url: string, expires: string, nowSeconds: number): Terms | undefined {
  if (!/^(0|[1-9]\d{0,14})$/.test(expires)) return undefined;
  return {
    text: `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`,
    allows: () => nowSeconds < Number(expires),
  };
}

function customTerms(
  url: string,
  policy: string,
  nowSeconds: number,
  viewerAddress: string,
): Terms | undefined {
  const text = decodeBase64(policy)?.toString('utf8');
  if (text === undefined) return undefined;
  const parsed = parseCustomPolicy(text);
  return parsed && { text, allows: () => parsed.allows({ url, nowSeconds, viewerAddress }) };
}

function parsePublicKeys(publicKeys: ReadonlyMap<string, string>): Map<string, KeyObject> {
  const parsed = new Map<string, KeyObject>();
  for (const [keyPairId, pem] of publicKeys) {
    let key: KeyObject;
    try {
      key = createPublicKey(pem);
    } catch {
      throw new Error(`The public key of key pair ${keyPairId} is not a readable PEM`);
    }
    const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
    const usable =
      (key.asymmetricKeyType === 'rsa' && modulusLength === 2048) ||
      (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1');
    if (!usable) {
      throw new Error(
        `The public key of key pair ${keyPairId} must be RSA 2048 or ECDSA P-256, as CloudFront demands`,
      );
    }
    parsed.set(keyPairId, key);
  }
  return parsed;
}

/**
 * Verifies signed URLs with the public keys of a trusted key group (AWS "Specify signers that can
 * create signed URLs and signed cookies": RSA 2048 or ECDSA 256). Written from the documents and
 * sharing no code with the signer, so that a mistake in the one is not repeated in the other.
 *
 * @param publicKeys PEM by key pair id
 * @throws Error naming the key pair whose key CloudFront would not take
 */
export function createSignatureVerifier(
  publicKeys: ReadonlyMap<string, string>,
): SignatureVerifier {
  const keys = parsePublicKeys(publicKeys);

  return ({ baseUrl, rawParameters, viewerAddress, nowMs }) => {
    const parameters = separate(rawParameters);
    if (!parameters) return signatureErrors.accessDenied;
    const { cloudFront, own } = parameters;

    const keyPairId = cloudFront.get('Key-Pair-Id');
    if (!keyPairId) return signatureErrors.missingKey;
    const key = keys.get(keyPairId);
    if (!key) return signatureErrors.unknownKey;

    const signature = decodeBase64(cloudFront.get('Signature') ?? '');
    if (!signature) return signatureErrors.malformedSignature;
    const hash = hashes.get(cloudFront.get('Hash-Algorithm'));
    if (!hash) return signatureErrors.accessDenied;

    const url = own.length > 0 ? `${baseUrl}?${own.join('&')}` : baseUrl;
    const nowSeconds = nowMs / 1000;
    const expires = cloudFront.get('Expires');
    const policy = cloudFront.get('Policy');
    // One of the two: with both it would be unclear which of them was meant to bind.
    if ((expires === undefined) === (policy === undefined)) return signatureErrors.accessDenied;
    const terms =
      policy === undefined
        ? cannedTerms(url, expires ?? '', nowSeconds)
        : customTerms(url, policy, nowSeconds, viewerAddress);
    if (!terms) return signatureErrors.malformedPolicy;

    // The signature first: only a policy that the key's holder wrote is worth evaluating.
    const allowed = holds(key, hash, terms.text, signature) && terms.allows();
    return allowed ? undefined : signatureErrors.accessDenied;
  };
}
