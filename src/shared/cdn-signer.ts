import { sign } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type CdnTarget, cdnPath } from '../domain/cdn-path.ts';
import type { ApiConfig } from './config.ts';

export type { CdnTarget } from '../domain/cdn-path.ts';

/** How to read a picture: a signed URL and when it stops working (whole seconds). */
export interface ImageAccess {
  downloadUrl: string;
  expiresAt: Date;
}

export interface CdnSigner {
  /**
   * Aligned with `targets`. All get one expiry, unless `expiries` has one for each (aligned, too, in
   * seconds since 1970).
   */
  sign(targets: readonly CdnTarget[], expiries?: readonly number[]): Promise<ImageAccess[]>;
}

type SignerConfig = Pick<
  ApiConfig,
  | 'CLOUDFRONT_DOMAIN'
  | 'CLOUDFRONT_KEY_PAIR_ID'
  | 'CLOUDFRONT_PRIVATE_KEY_PEM'
  | 'CLOUDFRONT_SIGNED_URL_EXPIRY_SECS'
  | 'CLOUDFRONT_SIGNATURE_HASH'
>;

type SignUrl = (url: string, expiresAtSeconds: number) => string;

/** CloudFront canned-policy URLs ("Create a signed URL using a canned policy", Developer Guide). */
export function createCdnSigner(config: SignerConfig): CdnSigner {
  const isRsa = config.CLOUDFRONT_PRIVATE_KEY_PEM.asymmetricKeyType === 'rsa';
  const signUrl = createUrlSigner(config);
  const nextTurn = isRsa ? createTurns() : undefined;

  return {
    async sign(targets, expiries) {
      const standard = Math.floor(Date.now() / 1000) + config.CLOUDFRONT_SIGNED_URL_EXPIRY_SECS;
      const accesses: ImageAccess[] = [];
      for (const [index, target] of targets.entries()) {
        if (nextTurn) await nextTurn();
        const expiresAtSeconds = expiries?.[index] ?? standard;
        const expiresAt = new Date(expiresAtSeconds * 1000);
        const downloadUrl = signUrl(config.CLOUDFRONT_DOMAIN + cdnPath(target), expiresAtSeconds);
        accesses.push({ downloadUrl, expiresAt });
      }
      return accesses;
    },
  };
}

/**
 * An RSA signature holds the event loop for about a millisecond. All signatures of the process
 * queue up here, one a turn of the loop: other requests wait for one of them, not for fifty, and
 * batches that run at the same time take turns.
 */
function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => setImmediate());
    return last;
  };
}

/**
 * Not through the SDK: it does not promise ECDSA, and around an RSA signature it spends a fifth more
 * than the signature takes. Policy text and encoding are the same, tests compare the two.
 */
function createUrlSigner(config: SignerConfig): SignUrl {
  const key = config.CLOUDFRONT_PRIVATE_KEY_PEM;
  const hash = config.CLOUDFRONT_SIGNATURE_HASH;
  const digest = hash.toLowerCase();
  const keyPairId = encodeURIComponent(config.CLOUDFRONT_KEY_PAIR_ID);
  const suffix = hash === 'SHA1' ? '' : `&Hash-Algorithm=${hash}`;
  return (url, expiresAtSeconds) => {
    const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expiresAtSeconds}}}}]}`;
    const signature = urlSafe(sign(digest, Buffer.from(policy), key));
    const separator = url.includes('?') ? '&' : '?';
    return `${url}${separator}Expires=${expiresAtSeconds}&Key-Pair-Id=${keyPairId}&Signature=${signature}${suffix}`;
  };
}

const PADDING = ['', '__', '_'];

/** CloudFront's own variant of URL-safe base64: padded with `_`, and `~` where others have `_`. */
function urlSafe(signature: Buffer): string {
  return signature.toString('base64url').replaceAll('_', '~') + PADDING[signature.length % 3];
}
