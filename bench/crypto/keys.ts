import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CdnTarget } from '../../src/domain/cdn-path.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';

/** What CloudFront takes. */
export type KeyType = 'ecdsa' | 'rsa';

export const BATCH = 50;
export const DOMAIN = 'https://d111111abcdef8.cloudfront.net';
export const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';
export const EXPIRY_SECONDS = 600;

export interface SigningKey {
  pem: string;
  key: KeyObject;
}

export function makeKey(type: KeyType): SigningKey {
  const { privateKey: key } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { key, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A batch as a page of images asks for it: each pinned to a version, as S3 names them. */
export function makeTargets(): CdnTarget[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    key: ingestKey(newImageId()),
    versionId: `3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY${String(index).padStart(3, '0')}`,
  }));
}

/** As createCdnSigner takes it. */
export function signerConfig({ key }: SigningKey) {
  return {
    CLOUDFRONT_DOMAIN: DOMAIN,
    CLOUDFRONT_KEY_PAIR_ID: KEY_PAIR_ID,
    CLOUDFRONT_PRIVATE_KEY_PEM: key,
    CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: EXPIRY_SECONDS,
    CLOUDFRONT_SIGNATURE_HASH: 'SHA1',
  } as const;
}
