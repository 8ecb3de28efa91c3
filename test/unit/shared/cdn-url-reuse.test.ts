import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CdnSigner,
  type CdnTarget,
  createCdnSigner,
  type ImageAccess,
} from '../../../src/shared/cdn-signer.ts';
import { reuseUrls, type UrlReuseOptions } from '../../../src/shared/cdn-url-reuse.ts';
import { isSignedBy, makeEcKey, makeRsaKey, parseCannedUrl } from '../../support/keys.ts';

const LIFE = { lifeSeconds: 600, windowSeconds: 300 };
const KEYS = { RSA: makeRsaKey(), ECDSA: makeEcKey() };
type KeyKind = keyof typeof KEYS;

/** What `node --expose-gc` offers, without the option. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let clock: number;

beforeEach(() => {
  clock = 1_771_754_700_999;
});

function makeSigner(kind: KeyKind): CdnSigner {
  return createCdnSigner({
    CLOUDFRONT_DOMAIN: 'https://cdn.example.com',
    CLOUDFRONT_KEY_PAIR_ID: 'K2JCJMDEHXQW5F',
    CLOUDFRONT_PRIVATE_KEY_PEM: KEYS[kind].privateKey,
    CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: 600,
    CLOUDFRONT_SIGNATURE_HASH: 'SHA1',
  });
}

/** `signed` are the keys that were signed, in order. */
function reusing(kind: KeyKind = 'ECDSA', options: Partial<UrlReuseOptions> = {}) {
  const signed: string[] = [];
  const real = makeSigner(kind);
  const counting: CdnSigner = {
    sign(targets, expiries) {
      signed.push(...targets.map(({ key }) => key));
      return real.sign(targets, expiries);
    },
  };
  return { signed, ...reuseUrls(counting, { ...LIFE, now: () => clock, ...options }) };
}

function target(key: string | number, versionId: string | null = 'v1'): CdnTarget {
  return { key: `ingest/${key}`, versionId };
}

const many = (count: number) => Array.from({ length: count }, (_, n) => target(n));
const urlsOf = (accesses: ImageAccess[]) => accesses.map(({ downloadUrl }) => downloadUrl);

describe.each(['RSA', 'ECDSA'] as const)('URLs signed with %s', (kind) => {
  test('are the same within a window, others after it, and expire when they say', async () => {
    const { sign } = reusing(kind);
    const ask = async () => (await sign([target('a')]))[0] as ImageAccess;
    const first = await ask();
    const endsAt = first.expiresAt.getTime() - 300_000;
    for (const moment of [clock, endsAt - 1_000, endsAt - 1]) {
      clock = moment;
      expect(await ask()).toEqual(first);
    }
    clock = endsAt;
    const next = await ask();
    expect(next.downloadUrl).not.toBe(first.downloadUrl);
    expect(next.expiresAt.getTime()).toBe(first.expiresAt.getTime() + 300_000);
    for (const { downloadUrl, expiresAt } of [first, next]) {
      expect(parseCannedUrl(downloadUrl).expires * 1000).toBe(expiresAt.getTime());
      expect(isSignedBy(KEYS[kind].publicKey, downloadUrl)).toBe(true);
    }
  });

  test('are always good for more than life - window', async () => {
    const { sign } = reusing(kind);
    for (let step = 0; step < 20; step += 1) {
      clock += 31_337;
      for (const { expiresAt } of await sign(many(5))) {
        const leftMs = expiresAt.getTime() - clock;
        expect(leftMs).toBeGreaterThan(300_000);
        expect(leftMs).toBeLessThanOrEqual(600_000);
      }
    }
  });

  test(`of two processes are ${kind === 'RSA' ? 'the same' : 'as good, but not the same'}`, async () => {
    const one = await reusing(kind).sign(many(3));
    const other = await reusing(kind).sign(many(3));
    expect(other.map(({ expiresAt }) => expiresAt)).toEqual(one.map(({ expiresAt }) => expiresAt));
    expect(urlsOf(other).filter((url) => urlsOf(one).includes(url))).toHaveLength(
      kind === 'RSA' ? 3 : 0,
    );
  });
});

test('each version of an object has its URL, and so has each object', async () => {
  const { sign } = reusing();
  const targets = [target('a', 'v1'), target('a', 'v2'), target('a', null), target('b', 'v1')];
  const urls = urlsOf(await sign(targets));
  expect(urls.map((url) => parseCannedUrl(url).resource)).toEqual([
    'https://cdn.example.com/ingest/a?versionId=v1',
    'https://cdn.example.com/ingest/a?versionId=v2',
    'https://cdn.example.com/ingest/a',
    'https://cdn.example.com/ingest/b?versionId=v1',
  ]);
  expect(urlsOf(await sign([...targets].reverse()))).toEqual([...urls].reverse());
});

test('what is known is not signed again; the answer is aligned with the targets', async () => {
  const { sign, signed } = reusing();
  const [a, b, c] = [target('a'), target('b'), target('c')];
  const [urlOfB] = urlsOf(await sign([b]));
  const urls = urlsOf(await sign([a, b, c, a, b]));
  expect(urls.map((url) => /ingest\/./.exec(url)?.[0])).toEqual(
    [a, b, c, a, b].map(({ key }) => key),
  );
  expect([urls[1], urls[4], urls[3]]).toEqual([urlOfB, urlOfB, urls[0]]);
  expect(signed).toEqual([b.key, a.key, c.key]);
  expect(await sign([])).toEqual([]);
});

test.each(['RSA', 'ECDSA'] as const)(
  'requests at the same time get the same URL, with %s',
  async (kind) => {
    const { sign, signed } = reusing(kind);
    const answers = await Promise.all(Array.from({ length: 5 }, () => sign(many(3))));
    expect(new Set(answers.flatMap(urlsOf)).size).toBe(3);
    expect(signed).toHaveLength(3);
  },
);

test('a failure is for those who wait, and is not remembered', async () => {
  const real = makeSigner('ECDSA');
  let fails = true;
  const { sign } = reuseUrls(
    {
      async sign(targets, expiries) {
        if (fails) throw new Error('no key');
        return real.sign(targets, expiries);
      },
    },
    { ...LIFE, now: () => clock },
  );
  const waiting = [sign(many(2)), sign(many(3))];
  for (const answer of await Promise.allSettled(waiting)) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { message: 'no key' } });
  }
  fails = false;
  expect(await sign(many(3))).toHaveLength(3);
});

describe('memory', () => {
  test('is bounded by a number of URLs; those asked for last stay', async () => {
    const { sign, signed } = reusing('ECDSA', { maxUrls: 20 });
    const urls = urlsOf(await sign(many(200)));
    signed.length = 0;
    expect(urlsOf(await sign(many(200).slice(-10)))).toEqual(urls.slice(-10));
    expect(signed).toEqual([]);
    await sign(many(180));
    expect(signed).toHaveLength(180);
  });

  test('does not hold what was signed two windows ago', async () => {
    const { sign } = reusing();
    const held = (await sign(many(10))).map((access) => new WeakRef(access));
    for (let window = 0; window < 2; window += 1) {
      clock += 300_000;
      await sign([target('x')]);
    }
    // A WeakRef holds what it refers to until the event loop has turned.
    await setImmediate();
    collectGarbage();
    expect(held.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  });

  test('a batch larger than it is answered all the same', async () => {
    const { sign } = reusing('ECDSA', { maxUrls: 4 });
    expect(new Set(urlsOf(await sign(many(50)))).size).toBe(50);
  });
});
