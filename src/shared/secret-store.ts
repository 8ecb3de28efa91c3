import type { GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { Environment } from './config.ts';

/** Where a secret is kept, and by what name that service knows it. */
export interface SecretAddress {
  service: 'secretsmanager' | 'ssm';
  id: string;
  /** Named by an ARN, which need not be the region of the service itself. */
  region: string | undefined;
}

/** Several tries of the SDK, with growing pauses; a deployment starts the process again anyway. */
const MAX_ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 3_000;
/** For all tries together. */
const DEADLINE_MS = 15_000;

const ARN = /^arn:aws[\w-]*:(secretsmanager|ssm):([\w-]+):\d*:(secret:|parameter\/)/;

/**
 * Reads the id of a secret: an ARN of either service, `ssm:NAME` or a name that begins with a slash for
 * a parameter of Systems Manager, any other name for a secret of Secrets Manager. Undefined for what
 * can be none of them; above all for the secret itself, put into the wrong variable.
 */
export function parseSecretId(text: string): SecretAddress | undefined {
  const id = text.trim();
  if (!/^[\w/+=.@:-]{1,2048}$/.test(id)) return undefined;
  const [, service, region] = ARN.exec(id) ?? [];
  if (service !== undefined) {
    return { service: service === 'ssm' ? 'ssm' : 'secretsmanager', id, region };
  }
  if (id.startsWith('arn:')) return undefined;
  const name = id.replace(/^ssm:/, '');
  if (name === '' || name.includes(':')) return undefined;
  return {
    service: name !== id || name.startsWith('/') ? 'ssm' : 'secretsmanager',
    id: name,
    region: undefined,
  };
}

/**
 * Asks for the value of a secret. Undefined where it has none.
 *
 * @throws the SDK's error, or its abort when there is no answer within 15 seconds
 */
export async function fetchSecret(
  { service, id, region }: SecretAddress,
  environment: Environment,
): Promise<string | undefined> {
  const abortSignal = AbortSignal.timeout(DEADLINE_MS);
  // Without either, the SDK looks for one in the files of its configuration.
  const place = region ?? environment.AWS_REGION?.trim();
  const settings = (endpoint: string | undefined) => ({
    ...(place && { region: place }),
    ...(endpoint?.trim() && { endpoint: endpoint.trim() }),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
  });
  // Loaded only where they are needed: most processes outside AWS never are.
  if (service === 'ssm') {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const client = new SSMClient(settings(environment.AWS_ENDPOINT_URL_SSM));
    try {
      const found: GetParameterCommandOutput = await client.send(
        new GetParameterCommand({ Name: id, WithDecryption: true }),
        { abortSignal },
      );
      return found.Parameter?.Value;
    } finally {
      client.destroy();
    }
  }
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const client = new SecretsManagerClient(settings(environment.AWS_ENDPOINT_URL_SECRETS_MANAGER));
  try {
    const found = await client.send(new GetSecretValueCommand({ SecretId: id }), { abortSignal });
    // A file uploaded as it is (`--secret-binary fileb://private.pem`) is text all the same.
    return found.SecretString ?? Buffer.from(found.SecretBinary ?? []).toString('utf8');
  } finally {
    client.destroy();
  }
}

/** What the services' errors mean to whoever set the variable; none of their own words, nor the id. */
const MEANINGS: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'names a secret that this role may not read (secretsmanager:GetSecretValue or ssm:GetParameter; kms:Decrypt for a key of your own)',
  ResourceNotFoundException: 'names a secret that does not exist, or has no value yet',
  ParameterNotFound: 'names a parameter that does not exist',
  DecryptionFailure: 'names a secret that cannot be decrypted (kms:Decrypt)',
  InvalidKeyId: 'names a parameter that cannot be decrypted (kms:Decrypt)',
  InvalidRequestException: 'names a secret that is marked for deletion',
  CredentialsProviderError: 'names a secret that cannot be read without AWS credentials',
};

/** Says, after the name of the variable, why a secret could not be fetched. */
export function describeSecretError(error: unknown): string {
  const words = ['name', 'code', 'message'].map((property) =>
    typeof error === 'object' && error !== null ? Reflect.get(error, property) : undefined,
  );
  const [name, code, message] = words.map((word) => (typeof word === 'string' ? word : undefined));
  if (message === 'Region is missing') return 'needs AWS_REGION, or the ARN of the secret';
  const meaning = name === undefined ? undefined : MEANINGS[name];
  if (meaning !== undefined) return meaning;
  const isLate = name === 'AbortError' || name === 'TimeoutError';
  const reason = isLate ? 'no answer in time' : (code ?? name ?? 'unknown error');
  return `names a secret that could not be read: ${reason}`;
}
