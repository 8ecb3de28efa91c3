/** Signs CDN URLs in one way, for so many seconds of CPU time: `... ecdsa|rsa WAY`. */
import { sign } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { type CdnTarget, cdnPath } from '../../src/domain/cdn-path.ts';
import { createCdnSigner } from '../../src/shared/cdn-signer.ts';
import { repeatFor, serveAsContestant } from '../kit/contestant-process.ts';
import {
  BATCH,
  DOMAIN,
  EXPIRY_SECONDS,
  KEY_PAIR_ID,
  type KeyType,
  makeKey,
  makeTargets,
  type SigningKey,
  signerConfig,
} from './keys.ts';

export type SignWay = 'ours' | 'bare' | 'sdkWithKeyObject' | 'sdkWithPemText';

const [type = 'ecdsa', way = 'ours'] = process.argv.slice(2) as [KeyType?, SignWay?];

/** What signs one batch; each of them is given the same targets. */
const WAYS: Record<SignWay, (key: SigningKey, targets: CdnTarget[]) => () => unknown> = {
  ours(key, targets) {
    const signer = createCdnSigner(signerConfig(key));
    const { signNow } = signer;
    // As the service does: one by one where it can, else together.
    return signNow ? () => targets.map((target) => signNow(target)) : () => signer.sign(targets);
  },
  /** The signatures and nothing else: no URL, no base64. */
  bare({ key }, targets) {
    const expires = Math.floor(Date.now() / 1000) + EXPIRY_SECONDS;
    const policies = targets.map((target) => Buffer.from(policyOf(urlOf(target), expires)));
    return () => {
      for (const policy of policies) sign('sha1', policy, key);
    };
  },
  // The SDK's types know no KeyObject; node:crypto, which it hands the key to, does.
  sdkWithKeyObject: ({ key }, targets) => withSdk(key as unknown as string, targets),
  sdkWithPemText: ({ pem }, targets) => withSdk(pem, targets),
};

function withSdk(privateKey: string, targets: CdnTarget[]): () => void {
  return () => {
    const dateLessThan = new Date(Date.now() + EXPIRY_SECONDS * 1000);
    for (const target of targets) {
      getSignedUrl({ url: urlOf(target), keyPairId: KEY_PAIR_ID, privateKey, dateLessThan });
    }
  };
}

function urlOf(target: CdnTarget): string {
  return DOMAIN + cdnPath(target);
}

function policyOf(url: string, expiresAtSeconds: number): string {
  return `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expiresAtSeconds}}}}]}`;
}

const batch = WAYS[way](makeKey(type), makeTargets());
serveAsContestant((seconds: number) => repeatFor(seconds, BATCH, batch));
