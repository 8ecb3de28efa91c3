import { setImmediate } from 'node:timers/promises';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type CdnTarget, createCdnSigner } from '../../../src/shared/cdn-signer.ts';
import { isSignedBy, makeEcKey, makeRsaKey, parseCannedUrl } from '../../support/keys.ts';

const DOMAIN = 'https://cdn.example.com';
const KEYS = { RSA: makeRsaKey(), ECDSA: makeEcKey() };
type KeyKind = keyof typeof KEYS;
type Hash = 'SHA1' | 'SHA256';

function makeSigner(kind: KeyKind, hash: Hash = 'SHA1') {
  return createCdnSigner({
    CLOUDFRONT_DOMAIN: DOMAIN,
    CLOUDFRONT_KEY_PAIR_ID: 'K2JCJMDEHXQW5F',
    CLOUDFRONT_PRIVATE_KEY_PEM: KEYS[kind].privateKey,
    CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: 600,
    CLOUDFRONT_SIGNATURE_HASH: hash,
  });
}

/** What is signed, for each target. */
const TARGETS: [CdnTarget, string][] = [
  [{ key: 'ingest/01A', versionId: null }, '/ingest/01A'],
  [{ key: 'ingest/01A', versionId: 'v1' }, '/ingest/01A?versionId=v1'],
  [
    { key: 'ingest/01A', versionId: '3/L4kqtJl+40Nr8X8=&x' },
    '/ingest/01A?versionId=3%2FL4kqtJl%2B40Nr8X8%3D%26x',
  ],
  [{ key: 'a b/ü+?#&%.png', versionId: 'null' }, '/a%20b/%C3%BC%2B%3F%23%26%25.png?versionId=null'],
  [{ key: 'it"s/{"a":*}', versionId: null }, '/it%22s/%7B%22a%22%3A*%7D'],
];

const CASES = (['RSA', 'ECDSA'] as const).flatMap((kind) =>
  (['SHA1', 'SHA256'] as const).map((hash) => [kind, hash] as const),
);

describe.each(CASES)('a URL signed with %s and %s', (kind, hash) => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(1_771_754_700_999);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(TARGETS)('of %j', async (target, path) => {
    const [access] = await makeSigner(kind, hash).sign([target]);
    const url = access?.downloadUrl ?? '';

    expect(access?.expiresAt).toEqual(new Date(1_771_755_300_000));
    expect(parseCannedUrl(url)).toEqual({
      resource: `${DOMAIN}${path}`,
      expires: 1_771_755_300,
      keyPairId: 'K2JCJMDEHXQW5F',
      signature: expect.any(String),
      hash: hash === 'SHA1' ? null : hash,
    });
    expect(isSignedBy(KEYS[kind].publicKey, url)).toBe(true);

    const ofSdk = getSignedUrl({
      url: `${DOMAIN}${path}`,
      keyPairId: 'K2JCJMDEHXQW5F',
      privateKey: KEYS[kind].pem,
      dateLessThan: new Date(1_771_755_300_000),
      algorithm: hash,
    });
    // No two ECDSA signatures are the same; everything around them has to be.
    const comparable = (text: string) =>
      kind === 'RSA' ? text : text.replace(/Signature=[\w~-]+/, 'Signature=...');
    expect(comparable(url)).toBe(comparable(ofSdk));
    expect(isSignedBy(KEYS[kind].publicKey, ofSdk)).toBe(true);
  });

  test('is the same when it is signed at once, which RSA is never', async () => {
    const { sign, signNow } = makeSigner(kind, hash);
    const target = { key: 'ingest/01A', versionId: 'v1' };
    const [access] = await sign([target]);
    if (kind === 'RSA') {
      expect(signNow).toBeUndefined();
      return;
    }
    const atOnce = signNow?.(target);
    const policyOf = (url = '') => ({ ...parseCannedUrl(url), signature: null });
    expect(atOnce?.expiresAt).toEqual(access?.expiresAt);
    expect(policyOf(atOnce?.downloadUrl)).toEqual(policyOf(access?.downloadUrl));
    expect(isSignedBy(KEYS[kind].publicKey, atOnce?.downloadUrl ?? '')).toBe(true);
  });

  test('does not hold once anything of it is changed', async () => {
    const [access] = await makeSigner(kind, hash).sign([{ key: 'ingest/01A', versionId: 'v1' }]);
    const url = access?.downloadUrl ?? '';
    const { publicKey } = KEYS[kind];
    expect(isSignedBy(publicKey, url)).toBe(true);
    expect(isSignedBy(publicKey, url.replace('01A', '01B'))).toBe(false);
    expect(isSignedBy(publicKey, url.replace('versionId=v1', 'versionId=v2'))).toBe(false);
    expect(isSignedBy(publicKey, url.replace('1771755300', '1771755301'))).toBe(false);
    const other = kind === 'RSA' ? makeRsaKey() : makeEcKey();
    expect(isSignedBy(other.publicKey, url)).toBe(false);
  });
});

describe.each(['RSA', 'ECDSA'] as const)('a batch signed with %s', (kind) => {
  test('is aligned with its targets and expires at one moment', async () => {
    const targets = Array.from({ length: 50 }, (_, n) => ({ key: `k${n % 7}`, versionId: `${n}` }));
    const accesses = await makeSigner(kind).sign(targets);
    expect(accesses.map(({ downloadUrl }) => parseCannedUrl(downloadUrl).resource)).toEqual(
      targets.map(({ key, versionId }) => `${DOMAIN}/${key}?versionId=${versionId}`),
    );
    expect(new Set(accesses.map(({ expiresAt }) => expiresAt.getTime())).size).toBe(1);
  });

  test('may be empty', async () => {
    expect(await makeSigner(kind).sign([])).toEqual([]);
  });
});

describe('while RSA signs', () => {
  const fifty = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, versionId: null }));

  test('the event loop turns between any two signatures', async () => {
    let turns = 0;
    let done = false;
    const signing = makeSigner('RSA')
      .sign(fifty)
      .finally(() => {
        done = true;
      });
    while (!done) {
      await setImmediate();
      turns += 1;
    }
    await signing;
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  test('one URL that is asked for after fifty is not last', async () => {
    const signer = makeSigner('RSA');
    const finished: string[] = [];
    await Promise.all([
      signer.sign(fifty).then(() => finished.push('fifty')),
      signer.sign(fifty.slice(0, 1)).then(() => finished.push('one')),
    ]);
    expect(finished).toEqual(['one', 'fifty']);
  });
});
