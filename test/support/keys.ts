import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';

export interface TestKeyPair {
  /** PKCS #8 PEM, as an operator would put it into CLOUDFRONT_PRIVATE_KEY_PEM. */
  pem: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function makeRsaKey(modulusLength = 2048): TestKeyPair {
  return withPem(generateKeyPairSync('rsa', { modulusLength }));
}

export function makeEcKey(namedCurve = 'P-256'): TestKeyPair {
  return withPem(generateKeyPairSync('ec', { namedCurve }));
}

function withPem(pair: { privateKey: KeyObject; publicKey: KeyObject }): TestKeyPair {
  return { ...pair, pem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

export interface CannedUrl {
  /** What is signed: the URL up to the signature's parameters. */
  resource: string;
  expires: number;
  keyPairId: string;
  signature: string;
  /** Null where CloudFront's default, SHA-1, holds. */
  hash: string | null;
}

const CANNED_URL =
  /^(.+)[?&]Expires=(\d+)&Key-Pair-Id=([^&]+)&Signature=([\w~-]+)(?:&Hash-Algorithm=(\w+))?$/;

/** Takes a canned-policy URL apart. Throws when it has not exactly that shape. */
export function parseCannedUrl(url: string): CannedUrl {
  const [, resource, expires, keyPairId, signature, hash = null] = CANNED_URL.exec(url) ?? [];
  if (!resource || !signature || !keyPairId) throw new Error(`not a canned-policy URL: ${url}`);
  return { resource, expires: Number(expires), signature, keyPairId, hash };
}

/** Checks a URL as CloudFront does; shares no code with the signer. */
export function isSignedBy(publicKey: KeyObject, url: string): boolean {
  const { resource, expires, signature, hash } = parseCannedUrl(url);
  const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const base64 = signature.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  return verify(hash ?? 'SHA1', Buffer.from(policy), publicKey, Buffer.from(base64, 'base64'));
}
