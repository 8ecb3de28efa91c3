import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-code.ts';

/** The secrets of one checkout's stack, made at its first start. */
export interface Identity {
  /** What S3 and SQS take. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** The signer's key, ECDSA P-256: signs many times faster than RSA, and CloudFront takes both. */
  keyPairId: string;
  privateKey: string;
  publicKey: string;
}

/** Reads the identity of this state directory, or makes one; the file is its owner's alone. */
export async function loadIdentity(stateDir: string): Promise<Identity> {
  const file = path.join(stateDir, 'identity.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Identity;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const identity = makeIdentity();
  // Renamed into place: a start that is killed half-way leaves no broken identity behind.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(identity, null, 2), { mode: 0o600 });
  await rename(draft, file);
  return identity;
}

function makeIdentity(): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    credentials: {
      accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
    keyPairId: `K${randomBytes(7).toString('hex').toUpperCase().slice(0, 13)}`,
    privateKey,
    publicKey,
  };
}
