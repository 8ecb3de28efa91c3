import { type UrlWindow, windowExpiry } from '../domain/url-window.ts';
import type { CdnSigner, CdnTarget, ImageAccess } from './cdn-signer.ts';
import { createTwoGenerations } from './two-generations.ts';

export interface UrlReuseOptions extends UrlWindow {
  /** How many URLs are remembered at most; 50,000 unless told. */
  maxUrls?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Signed {
  expiresAtSeconds: number;
  /** A promise while it is being signed: who asks meanwhile has to get the same URL. */
  access: ImageAccess | Promise<ImageAccess>;
}

/**
 * An entry takes some 620 bytes with ECDSA and 840 with RSA (measured; name, URL, date and places in
 * the maps), so that a process spends 42 MB on them at most.
 */
const MAX_URLS = 50_000;

/**
 * A signer that gives the same URL for the same version of an object within a window: a browser finds
 * in its cache only what it knows by the very same URL.
 *
 * The expiry follows from target and time alone. An RSA signature follows from what is signed, hence
 * all processes hand out the same URL. No two ECDSA signatures are the same, hence it is what this
 * process remembers that makes URLs repeat, and each process has its own.
 *
 * @throws from `sign` what `signer` throws; what could not be signed is tried again the next time
 */
export function reuseUrls(signer: CdnSigner, options: UrlReuseOptions): CdnSigner {
  const { maxUrls = MAX_URLS, now = Date.now, windowSeconds } = options;
  const remembered = createTwoGenerations<Signed>(maxUrls);
  let turnAtSeconds = 0;

  // Whatever was signed before the last two turns is of a window that has ended.
  function forgetEnded(nowSeconds: number): void {
    if (nowSeconds < turnAtSeconds) return;
    remembered.turn();
    turnAtSeconds = nowSeconds + windowSeconds;
  }

  return {
    async sign(targets) {
      const nowSeconds = Math.floor(now() / 1000);
      forgetEnded(nowSeconds);
      const batch = startBatch(signer);
      const all = targets.map((target) => {
        const name = nameOf(target);
        const expiresAtSeconds = windowExpiry(name, nowSeconds, options);
        const known = remembered.get(name);
        if (known?.expiresAtSeconds === expiresAtSeconds) return known;
        const access = batch.add(target, expiresAtSeconds);
        const signed: Signed = { expiresAtSeconds, access };
        remembered.set(name, signed);
        access.then(
          (value) => {
            signed.access = value;
          },
          () => {
            if (remembered.get(name) === signed) remembered.delete(name);
          },
        );
        return signed;
      });
      return Promise.all(all.map(({ access }) => access));
    },
  };
}

/** A version id has no line break, so that no two targets have the same name. */
function nameOf({ key, versionId }: CdnTarget): string {
  return `${versionId ?? ''}\n${key}`;
}

/** Signs together, in the next microtask, what has been added by then. */
function startBatch(signer: CdnSigner) {
  const targets: CdnTarget[] = [];
  const expiries: number[] = [];
  let signing: Promise<ImageAccess[]> | null = null;
  return {
    async add(target: CdnTarget, expiresAtSeconds: number): Promise<ImageAccess> {
      const index = targets.push(target) - 1;
      expiries.push(expiresAtSeconds);
      signing ??= Promise.resolve().then(() => signer.sign(targets, expiries));
      const access = (await signing)[index];
      if (!access) throw new Error('the signer has left out a target');
      return access;
    },
  };
}
