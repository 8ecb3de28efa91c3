import { KeyGroup, PublicKey } from 'aws-cdk-lib/aws-cloudfront';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Settings, SigningKey } from '../settings/settings.ts';

/** A key pair: its public half in CloudFront, a place for its private half. */
export interface KeyPair {
  /** What the API puts into its URLs. */
  keyPairId: string;
  privateKeySecretArn: string;
}

export interface Signers {
  keyGroup: KeyGroup;
  /** The one that URLs are signed with; the others are only trusted. */
  current: KeyPair;
}

/**
 * The keys whose signatures CloudFront takes. A key is never changed in CloudFront, only added and
 * removed: hence resources for each, named after the key itself. And a secret for each, so that the id of
 * a key and its private half change in the same moment: when a task starts from a new definition.
 */
export function addSigningKeys(scope: Construct, { signingKeys }: Settings): Signers {
  const [first, ...others] = signingKeys;
  const publicKey = addPublicKey(scope, first);
  const current = addKeyPair(scope, first, publicKey);
  const trusted = others.map((key) => {
    const other = addPublicKey(scope, key);
    addKeyPair(scope, key, other);
    return other;
  });
  return {
    keyGroup: new KeyGroup(scope, 'Signers', { items: [publicKey, ...trusted] }),
    current,
  };
}

function addPublicKey(scope: Construct, { pem, fingerprint }: SigningKey): PublicKey {
  return new PublicKey(scope, `SigningKey${fingerprint}`, {
    encodedKey: pem,
    comment: `signs read URLs (SHA-256 ${fingerprint})`,
  });
}

/**
 * The secret is made empty: the CDK's own construct would make up a value, and a template must not hold
 * this one. Whoever deploys puts it in.
 */
function addKeyPair(
  scope: Construct,
  { fingerprint }: SigningKey,
  { publicKeyId }: PublicKey,
): KeyPair {
  const secret = new CfnSecret(scope, `PrivateKey${fingerprint}`, {
    description: `PEM of the private key that signs read URLs (SHA-256 ${fingerprint})`,
  });
  secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
  new CfnOutput(scope, `PrivateKeySecret${fingerprint}`, { value: secret.ref });
  // Exported whether it is signed with or not: CloudFormation keeps what another stack imports, and that
  // stack changes to another key only after this one.
  for (const value of [publicKeyId, secret.ref]) Stack.of(scope).exportValue(value);
  return { keyPairId: publicKeyId, privateKeySecretArn: secret.ref };
}
