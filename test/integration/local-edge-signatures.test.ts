import { generateKeyPairSync } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Edge, startEdge } from '../../src/local/edge/server.ts';
import {
  createTestKey,
  type FakeOrigin,
  originCredentials,
  picture,
  send,
  signUrl,
  signWithPolicy,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const rsa = createTestKey('KRSA', 'rsa');
const ec = createTestKey('KEC', 'ec');
const stranger = createTestKey('KSTRANGER', 'ec');
const nowSeconds = 1_771_754_400;
const expires = nowSeconds + 600;

let origin: FakeOrigin;
let edge: Edge;
let clock = nowSeconds * 1000;
let url = '';

describe('signed URLs at the local edge', () => {
  beforeAll(async () => {
    origin = await startFakeOrigin();
    edge = await startTestEdge(origin, [rsa, ec], { now: () => clock });
    url = `${edge.url}/ingest/01J9ZX?versionId=v-1&v=2`;
  });
  beforeEach(() => {
    clock = nowSeconds * 1000;
    origin.requests.length = 0;
  });
  afterAll(async () => {
    await edge.close();
    await origin.stop();
  });

  describe.each([
    ['RSA 2048', rsa],
    ['ECDSA P-256', ec],
  ])('a canned policy signed with %s', (_name, key) => {
    const dateLessThan = new Date(expires * 1000);
    const sdk = { dateLessThan, keyPairId: key.id, privateKey: key.privatePem };
    test.each([
      ['SHA-1, own signer', () => signUrl(url, expires, key)],
      [
        'SHA-256, own signer',
        () => signUrl(url, expires, key, { hash: 'sha256', extra: ['Hash-Algorithm=SHA256'] }),
      ],
      ['SHA-1, AWS SDK', () => getSignedUrl({ url, ...sdk })],
      ['SHA-256, AWS SDK', () => getSignedUrl({ url, ...sdk, algorithm: 'SHA256' })],
      ['no query of its own', () => getSignedUrl({ url: `${edge.url}/ingest/plain`, ...sdk })],
      ['a thumbnail', () => getSignedUrl({ url: `${edge.url}/thumbnails/a.jpg`, ...sdk })],
    ])('is accepted: %s', async (_case, signed) => {
      const answer = await send(signed());
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(picture);
    });
  });

  test('the CloudFront parameters may stand anywhere and in any order', async () => {
    const [, expiresPart, signature, keyPair] =
      /(Expires=\d+)&(Signature=.*)&(Key-Pair-Id=.*)$/.exec(signUrl(url, expires, ec)) ?? [];
    const shuffled = `${edge.url}/ingest/01J9ZX?${keyPair}&versionId=v-1&${signature}&v=2&${expiresPart}`;
    expect((await send(shuffled)).status).toBe(200);
  });

  /** Each case: a name, the expected code, and the URL; made late, when the edge's port is known. */
  const refusals: [string, string, () => string][] = [
    ['unsigned', 'MissingKey', () => url],
    ['unsigned thumbnail', 'MissingKey', () => `${edge.url}/thumbnails/a.jpg`],
    ['empty key pair id', 'MissingKey', () => signed().replace(/Key-Pair-Id=\w+/, 'Key-Pair-Id=')],
    ['unknown key pair', 'InvalidKey', () => signUrl(url, expires, stranger)],
    [
      'a stranger under a trusted id',
      'AccessDenied',
      () => signUrl(url, expires, { ...stranger, id: ec.id }),
    ],
    [
      "another trusted key's id",
      'AccessDenied',
      () => signUrl(url, expires, { ...rsa, id: ec.id }),
    ],
    ['changed path', 'AccessDenied', () => signed().replace('01J9ZX', '01J9ZY')],
    ['other path prefix', 'AccessDenied', () => signed().replace('/ingest/', '/thumbnails/')],
    ['re-encoded path', 'AccessDenied', () => signed().replace('01J9ZX', '%301J9ZX')],
    ['changed versionId', 'AccessDenied', () => signed().replace('v-1', 'v-2')],
    ['dropped versionId', 'AccessDenied', () => signed().replace('versionId=v-1&', '')],
    ['changed expiry', 'AccessDenied', () => signed().replace(`${expires}`, `${expires + 1}`)],
    ['leading zero in Expires', 'MalformedPolicy', () => signed().replace('Expires=', 'Expires=0')],
    [
      'swapped order',
      'AccessDenied',
      () => signed().replace('versionId=v-1&v=2', 'v=2&versionId=v-1'),
    ],
    ['added parameter', 'AccessDenied', () => `${signed()}&download=1`],
    ['added empty parameter', 'AccessDenied', () => `${signed()}&`],
    ['https signed, http asked', 'AccessDenied', () => signedAs('https://', edge.url.slice(7))],
    ['other host signed', 'AccessDenied', () => signedAs('http://', 'cdn.test')],
    [
      'localhost instead of its address',
      'AccessDenied',
      () => signedAs('http://', `localhost:${edge.port}`),
    ],
    ['SHA-256 claimed, SHA-1 signed', 'AccessDenied', () => `${signed()}&Hash-Algorithm=SHA256`],
    ['unknown hash', 'AccessDenied', () => `${signed()}&Hash-Algorithm=MD5`],
    ['Expires twice', 'AccessDenied', () => `${signed()}&Expires=${expires}`],
    ['Signature twice', 'AccessDenied', () => `${signed()}&Signature=AAAA`],
    ['Key-Pair-Id twice', 'AccessDenied', () => `${signed()}&Key-Pair-Id=${ec.id}`],
    ['versionId twice', 'AccessDenied', () => `${signed()}&versionId=v-9`],
    ['no Signature', 'MalformedSignature', () => signed().replace(/Signature=[^&]+&/, '')],
    ['garbage Signature', 'MalformedSignature', () => withSignature('!!%%not-base64')],
    ['plain base64 Signature', 'MalformedSignature', () => withSignature('ab+/')],
    ['broken escape in Signature', 'MalformedSignature', () => withSignature('%E0%A4')],
    ['base64 of garbage', 'AccessDenied', () => withSignature('Z2FyYmFnZQ__')],
    ['empty DER sequence', 'AccessDenied', () => withSignature('MAA_')],
    ['no Expires', 'AccessDenied', () => signed().replace(/Expires=\d+&/, '')],
    ['negative Expires', 'MalformedPolicy', () => signUrl(url, -1, ec)],
    ['fractional Expires', 'MalformedPolicy', () => signUrl(url, `${expires}.5`, ec)],
    ['exponent in Expires', 'MalformedPolicy', () => signUrl(url, '9e9', ec)],
    ['words in Expires', 'MalformedPolicy', () => signUrl(url, 'tomorrow', ec)],
    ['Expires beyond all integers', 'MalformedPolicy', () => signUrl(url, '9'.repeat(400), ec)],
    ['Expires and Policy', 'AccessDenied', () => `${signed()}&Policy=e30_`],
  ];

  function signed(): string {
    return signUrl(url, expires, ec);
  }
  function withSignature(text: string): string {
    return signed().replace(/Signature=[^&]+/, () => `Signature=${text}`);
  }
  /** Signs for another scheme or host, then asks the edge with that signature under its own name. */
  function signedAs(scheme: string, host: string): string {
    const elsewhere = signUrl(`${scheme}${host}/ingest/01J9ZX`, expires, ec);
    return elsewhere.replace(`${scheme}${host}`, edge.url);
  }

  test.each(refusals)('refuses: %s', async (_name, code, target) => {
    const answer = await send(target());
    expect(answer.status).toBe(403);
    expect(answer.headers['content-type']).toBe('text/xml');
    expect(answer.headers['x-cache']).toBe('Error from cloudfront');
    expect(answer.text).toContain(`<Error><Code>${code}</Code><Message>`);
    expect(origin.requests).toHaveLength(0);
  });

  test('says which parameter is missing, and when a key is unknown, in the words of CloudFront', async () => {
    expect((await send(url)).text).toContain(
      '<Message>Missing Key-Pair-Id query parameter or cookie value</Message>',
    );
    expect((await send(signUrl(url, expires, stranger))).text).toContain(
      '<Message>Unknown Key</Message>',
    );
  });

  test('a URL holds until its expiry, to the second, also for what is cached', async () => {
    const target = signUrl(url, expires, rsa);
    clock = expires * 1000 - 1;
    expect((await send(target)).status).toBe(200);
    clock = expires * 1000;
    const late = await send(target);
    expect(late.status).toBe(403);
    expect(late.text).toContain('<Code>AccessDenied</Code><Message>Access denied</Message>');
  });

  test('a Host header that was not signed is refused even with a sound signature', async () => {
    expect((await send(signed(), { headers: { host: 'evil.test' } })).status).toBe(403);
  });

  const lessThan = (seconds: number) => ({ DateLessThan: { 'AWS:EpochTime': seconds } });
  const statement = (Resource: string, Condition: object) => ({
    Statement: [{ Resource, Condition }],
  });
  const fromAddress = (range: string) => ({
    ...lessThan(expires),
    IpAddress: { 'AWS:SourceIp': range },
  });

  describe('a custom policy', () => {
    test.each([
      ['the exact URL', () => statement(url, lessThan(expires))],
      ['a wildcard path', () => statement(`${edge.url}/ingest/*`, lessThan(expires))],
      ['any scheme and host', () => statement('http*://*/ingest/01J?ZX*', lessThan(expires))],
      ['no resource at all', () => ({ Statement: [{ Condition: lessThan(expires) }] })],
      ['the address of the viewer', () => statement('*', fromAddress('127.0.0.1/32'))],
      ['the network of the viewer', () => statement('*', fromAddress('127.0.0.0/8'))],
      ['an address without prefix', () => statement('*', fromAddress('127.0.0.1'))],
      [
        'a time window',
        () =>
          statement('*', {
            ...lessThan(expires),
            DateGreaterThan: { 'AWS:EpochTime': nowSeconds - 1 },
          }),
      ],
    ])('lets through: %s', async (_name, policy) => {
      expect((await send(signWithPolicy(url, policy(), ec))).status).toBe(200);
    });

    test('made by the AWS SDK is accepted', async () => {
      const signedBySdk = getSignedUrl({
        url,
        dateLessThan: new Date(expires * 1000),
        dateGreaterThan: new Date((nowSeconds - 60) * 1000),
        ipAddress: '127.0.0.1',
        keyPairId: rsa.id,
        privateKey: rsa.privatePem,
      });
      expect(signedBySdk).toContain('Policy=');
      expect((await send(signedBySdk)).status).toBe(200);
    });

    test.each([
      [
        'another path',
        'AccessDenied',
        () => statement(`${edge.url}/thumbnails/*`, lessThan(expires)),
      ],
      ['a prefix only', 'AccessDenied', () => statement(`${edge.url}/ingest/`, lessThan(expires))],
      [
        'dots are literal',
        'AccessDenied',
        () => statement(url.replace('01J9ZX', '01J.ZX'), lessThan(expires)),
      ],
      ['expired', 'AccessDenied', () => statement('*', lessThan(nowSeconds))],
      [
        'not yet valid',
        'AccessDenied',
        () =>
          statement('*', {
            ...lessThan(expires),
            DateGreaterThan: { 'AWS:EpochTime': nowSeconds },
          }),
      ],
      ['another address', 'AccessDenied', () => statement('*', fromAddress('192.0.2.0/24'))],
      ['no expiry', 'MalformedPolicy', () => statement('*', {})],
      ['no condition', 'MalformedPolicy', () => ({ Statement: [{ Resource: '*' }] })],
      [
        'unknown condition',
        'MalformedPolicy',
        () => statement('*', { ...lessThan(expires), Moon: {} }),
      ],
      [
        'an expiry in words',
        'MalformedPolicy',
        () => statement('*', { DateLessThan: { 'AWS:EpochTime': 'x' } }),
      ],
      ['a bad address', 'MalformedPolicy', () => statement('*', fromAddress('127.0.0.1/33'))],
      [
        'two statements',
        'MalformedPolicy',
        () => ({ Statement: [{ Condition: lessThan(expires) }, {}] }),
      ],
      [
        'a statement outside an array',
        'MalformedPolicy',
        () => ({ Statement: { Condition: lessThan(expires) } }),
      ],
      ['null', 'MalformedPolicy', () => null],
      ['no JSON', 'MalformedPolicy', () => '{"Statement":'],
    ])('refuses: %s', async (_name, code, policy) => {
      const answer = await send(signWithPolicy(url, policy(), ec));
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(`<Code>${code}</Code>`);
      expect(origin.requests).toHaveLength(0);
    });

    test('that was tampered with is refused', async () => {
      const mine = signWithPolicy(url, statement('*', lessThan(nowSeconds)), ec);
      const wider = signWithPolicy(url, statement('*', lessThan(expires)), stranger);
      const policy = /Policy=[^&]+/.exec(wider)?.[0] ?? '';
      expect((await send(mine.replace(/Policy=[^&]+/, () => policy))).status).toBe(403);
    });
  });

  test.each([
    ['RSA 1024', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey],
    ['Ed25519', () => generateKeyPairSync('ed25519').publicKey],
  ])('does not start with a key CloudFront would not take: %s', async (_name, create) => {
    const pem = create().export({ type: 'spki', format: 'pem' }).toString();
    const options = {
      port: 0,
      originUrl: origin.url,
      region: 'x',
      originCredentials,
      corsOrigins: [],
    };
    await expect(startEdge({ ...options, publicKeys: new Map([['KBAD', pem]]) })).rejects.toThrow(
      'The public key of key pair KBAD must be RSA 2048 or ECDSA P-256',
    );
    await expect(
      startEdge({ ...options, publicKeys: new Map([['KBAD', 'no PEM']]) }),
    ).rejects.toThrow('The public key of key pair KBAD is not a readable PEM');
  });
});
