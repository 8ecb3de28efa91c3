/** Signs batches with RSA while it watches its own event loop. */
import { sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { cdnPath } from '../../src/domain/cdn-path.ts';
import { createCdnSigner } from '../../src/shared/cdn-signer.ts';
import { serveAsContestant } from '../kit/contestant-process.ts';
import {
  BATCH,
  DOMAIN,
  EXPIRY_SECONDS,
  KEY_PAIR_ID,
  makeKey,
  makeTargets,
  signerConfig,
} from './keys.ts';
import { watchLoop } from './loop-watch.ts';

export type StallWay = 'ours' | 'inOneGo';

export interface StallAnswer {
  /** The longest stall, in milliseconds of CPU time of the loop's thread, and of wall time. */
  cpuMs: number;
  wallMs: number;
  /** One signature, measured right before: the median of as many as the batches have. */
  signatureCpuMs: number;
  signatureWallMs: number;
  /** The longest of these, which says how even the machine runs. */
  longestSignatureCpuMs: number;
}

/** As many requests for a full page of images come at the same time. */
const BATCHES_AT_A_TIME = 4;
const SIGNATURES = BATCHES_AT_A_TIME * BATCH;

const key = makeKey('rsa');
const targets = makeTargets();
const urls = targets.map((target) => DOMAIN + cdnPath(target));
const signer = createCdnSigner(signerConfig(key));
const policy = Buffer.from(`{"Statement":[{"Resource":"${urls[0]}"}]}`);

const WAYS: Record<StallWay, () => Promise<unknown>> = {
  ours: () => signer.sign(targets),
  /** What a loop over the SDK does: the batch is signed before anybody else has a turn. */
  async inOneGo() {
    const dateLessThan = new Date(Date.now() + EXPIRY_SECONDS * 1000);
    // The SDK's types know no KeyObject; node:crypto, which it hands the key to, does.
    const privateKey = key.key as unknown as string;
    for (const url of urls) getSignedUrl({ url, keyPairId: KEY_PAIR_ID, privateKey, dateLessThan });
  },
};

/** One at a time, each a turn of its own, as the loop is watched while batches are signed. */
async function measureSignature() {
  const watch = watchLoop();
  for (let count = 0; count < SIGNATURES; count += 1) {
    await new Promise(setImmediate);
    sign('sha1', policy, key.key);
  }
  const { medianCpuMs, medianWallMs, longestCpuMs } = watch.stop();
  return {
    signatureCpuMs: medianCpuMs,
    signatureWallMs: medianWallMs,
    longestSignatureCpuMs: longestCpuMs,
  };
}

async function measure(way: StallWay): Promise<StallAnswer> {
  // Nothing of the work before is to be collected in the middle of this one.
  globalThis.gc?.();
  await sleep(20);
  const signature = await measureSignature();
  const watch = watchLoop();
  // Each begins in a turn of its own, as requests do.
  const batches = Array.from({ length: BATCHES_AT_A_TIME }, async () => {
    await new Promise(setImmediate);
    await WAYS[way]();
  });
  await Promise.all(batches);
  const { longestCpuMs, longestWallMs } = watch.stop();
  return { cpuMs: longestCpuMs, wallMs: longestWallMs, ...signature };
}

serveAsContestant(measure);
