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
  /**
   * Signs one at once. Only where a signature is so cheap (ECDSA) that nobody has to be let in between
   * two of them: promises for each of fifty URLs cost as much as ten signatures.
   */
  signNow?(target: CdnTarget): ImageAccess;
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

  let expiresAt = new Date(0);

  function access(target: CdnTarget, expiresAtSeconds: number): ImageAccess {
    // The same date for the same second: whoever writes it down can tell that it is the one before.
    const expiresAtMs = expiresAtSeconds * 1000;
    if (expiresAt.getTime() !== expiresAtMs) expiresAt = new Date(expiresAtMs);
    const url = config.CLOUDFRONT_DOMAIN + cdnPath(target);
    return { downloadUrl: signUrl(url, expiresAtSeconds), expiresAt };
  }

  const expiryFromNow = () =>
    Math.floor(Date.now() / 1000) + config.CLOUDFRONT_SIGNED_URL_EXPIRY_SECS;

  return {
    async sign(targets, expiries) {
      const standard = expiryFromNow();
      const accesses: ImageAccess[] = [];
      for (const [index, target] of targets.entries()) {
        if (nextTurn) await nextTurn();
        accesses.push(access(target, expiries?.[index] ?? standard));
      }
      return accesses;
    },
    ...(!isRsa && { signNow: (target: CdnTarget) => access(target, expiryFromNow()) }),
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
