import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { SigningKey } from './settings.ts';

/**
 * Reads a public key that CloudFront takes: ECDSA P-256 or RSA of 2048 bits ("Create key pairs for your
 * signers", Amazon CloudFront Developer Guide). Throws an Error that says what is wrong with it, and
 * never quotes it: the likeliest mistake is the private key.
 */
export function readSigningKey(pem: string): SigningKey {
  // Node takes a private key for its public half without a word; the templates must never see one.
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) {
    throw new Error('is no public key in PEM ("-----BEGIN PUBLIC KEY-----")');
  }
  const key = parse(pem);
  if (!isAccepted(key)) throw new Error('is neither ECDSA P-256 nor RSA of 2048 bits');
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex').slice(0, 12),
  };
}

function parse(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new Error('is damaged: it cannot be read as a public key');
  }
}

function isAccepted({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'ec') return details?.namedCurve === 'prime256v1';
  return type === 'rsa' && details?.modulusLength === 2048;
}
