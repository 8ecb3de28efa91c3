import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ConfigError, loadApiConfig } from '../../../src/shared/config.ts';
import { apiEnvironment } from '../../support/config.ts';
import { makeEcKey, makeRsaKey } from '../../support/keys.ts';

function load(pem: string) {
  const environment = apiEnvironment({ CLOUDFRONT_PRIVATE_KEY_PEM: pem });
  return loadApiConfig(environment).CLOUDFRONT_PRIVATE_KEY_PEM;
}

const rsa = makeRsaKey();
const ec = makeEcKey();

test.each([
  ['RSA-2048, PKCS #8', rsa, rsa.pem],
  ['RSA-2048, PKCS #1', rsa, rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
  ['P-256, PKCS #8', ec, ec.pem],
  ['P-256, SEC 1', ec, ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
  ['with literal \\n', ec, ec.pem.replaceAll('\n', '\\n')],
  ['with literal \\n and RSA', rsa, rsa.pem.trim().replaceAll('\n', '\\n')],
  ['with blanks around it', ec, `\n  ${ec.pem}\n`],
  ['with Windows line ends', ec, ec.pem.replaceAll('\n', '\r\n')],
])('%s is taken, as a parsed key', (_what, { privateKey }, pem) => {
  const key = load(pem);
  expect(key.type).toBe('private');
  expect(key.equals(privateKey)).toBe(true);
});

const ed25519 = generateKeyPairSync('ed25519').privateKey;

test.each([
  ['RSA-1024', makeRsaKey(1024).pem],
  ['RSA-3072', makeRsaKey(3072).pem],
  ['P-384', makeEcKey('P-384').pem],
  ['secp256k1', makeEcKey('secp256k1').pem],
  ['ed25519', ed25519.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['a public key', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  [
    'an encrypted key',
    ec.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
      .toString(),
  ],
  ['half a key', ec.pem.slice(0, 100)],
  ['a key without its frame', ec.pem.split('\n').slice(1, -2).join('')],
  ['a file name', '/etc/keys/cloudfront.pem'],
])('%s is refused, and not quoted', (_what, pem) => {
  expect(() => load(pem)).toThrow(
    new ConfigError(
      'The configuration is not usable:\n  CLOUDFRONT_PRIVATE_KEY_PEM must be the PEM text of an RSA-2048 or ECDSA P-256 private key',
    ),
  );
});
