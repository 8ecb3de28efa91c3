import {
  type Environment,
  type FetchedSecrets,
  processEnvironment,
  SECRET_IDS,
  type SecretVariable,
} from './config.ts';
import { readDatabaseSecret } from './database-secret.ts';
import { describeSecretError, fetchSecret, parseSecretId } from './secret-store.ts';

/** An environment whose secrets have been fetched, ready for one of the loaders of `config.ts`. */
export interface ResolvedEnvironment {
  environment: Environment;
  secrets: FetchedSecrets;
}

type Outcome = { value: string } | { problem: string };

/**
 * Fetches the secrets that the environment names in place of holding them. Rejects with nothing: what
 * went wrong is told by the loader, together with everything else that is wrong with the configuration.
 *
 * @param variables that this process needs; secrets of others are left alone, it may not read them
 */
export async function resolveSecrets(
  variables: readonly SecretVariable[],
  environment: Environment = processEnvironment(),
): Promise<ResolvedEnvironment> {
  const values: Record<string, string> = {};
  const sources = new Map<string, string>();
  const problems = new Map<string, string>();
  await Promise.all(
    variables.map(async (variable) => {
      const source = SECRET_IDS[variable];
      const id = environment[source]?.trim();
      if (!id) return;
      const outcome = await resolve(variable, id, environment);
      if ('problem' in outcome) {
        problems.set(variable, outcome.problem);
      } else {
        values[variable] = outcome.value;
        sources.set(variable, source);
      }
    }),
  );
  return { environment: { ...environment, ...values }, secrets: { sources, problems } };
}

async function resolve(
  variable: SecretVariable,
  id: string,
  environment: Environment,
): Promise<Outcome> {
  const source = SECRET_IDS[variable];
  if (environment[variable]?.trim()) {
    return { problem: `${variable} and ${source} are both set: set one of them` };
  }
  const address = parseSecretId(id);
  if (address === undefined) {
    return {
      problem: `${source} must be the name or ARN of a secret in Secrets Manager, or of a parameter in Systems Manager`,
    };
  }
  let value: string | undefined;
  try {
    value = await fetchSecret(address, environment);
  } catch (error) {
    return { problem: `${source} ${describeSecretError(error)}` };
  }
  if (!value?.trim()) return { problem: `${source} names a secret that is empty` };
  if (variable !== 'DATABASE_URL') return { value };
  const read = readDatabaseSecret(value);
  return 'url' in read
    ? { value: read.url }
    : { problem: `${source} names a secret that ${read.problem}` };
}
