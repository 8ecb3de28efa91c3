import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { type Settings, type SigningKey, settingsSchema } from './settings.ts';
import { readSigningKey } from './signing-key.ts';

/** The settings are not usable; the message lists every problem by the name of its setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads a settings file and the public keys that it names. Throws SettingsError. */
export function readSettings(file: string): Settings {
  return parseSettings(json(file), file, (name) =>
    readFileSync(resolve(dirname(file), name), 'utf8'),
  );
}

/**
 * Checks settings and fills in defaults. Throws SettingsError.
 *
 * @param source what the message calls them
 * @param readKey the PEM text of a file named in `cdn.publicKeyFiles`
 */
export function parseSettings(
  input: unknown,
  source: string,
  readKey: (name: string) => string,
): Settings {
  const result = settingsSchema.safeParse(input);
  if (!result.success) throw unusable(source, result.error.issues.flatMap(describe));
  const settings = result.data;
  const problems: string[] = [];
  const keys = settings.cdn.publicKeyFiles.flatMap((name): SigningKey[] => {
    try {
      return [readSigningKey(read(name, readKey))];
    } catch (error) {
      problems.push(`cdn.publicKeyFiles: ${name} ${(error as Error).message}`);
      return [];
    }
  });
  if (new Set(keys.map((key) => key.fingerprint)).size < keys.length) {
    problems.push('cdn.publicKeyFiles: names the same key twice');
  }
  const [first, ...others] = keys;
  if (problems.length > 0 || first === undefined) throw unusable(source, problems);
  return { ...settings, signingKeys: [first, ...others] };
}

/** A union says only that nothing fits; its branches know which setting is at fault. */
function describe(
  issue: z.core.$ZodIssue,
  _index = 0,
  _all: unknown = [],
  above: PropertyKey[] = [],
): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const nearest = [...issue.errors].sort((a, b) => strangers(a) - strangers(b))[0] ?? [];
    return nearest.flatMap((inner) => describe(inner, 0, [], path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...path, key].join('.')} is no setting`);
  }
  return [
    `${path.join('.')} ${issue.code === 'invalid_type' && issue.input === undefined && /^Invalid input/.test(issue.message) ? 'is missing' : issue.message}`,
  ];
}

/** How far a branch is from what was meant: unknown names count before bad values. */
function strangers(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length * 100 : 1),
    0,
  );
}

function json(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unusable(file, [error instanceof SyntaxError ? 'is no JSON' : 'cannot be read']);
  }
}

function read(name: string, readKey: (name: string) => string): string {
  try {
    return readKey(name);
  } catch {
    throw new Error('cannot be read');
  }
}

function unusable(source: string, problems: readonly string[]): SettingsError {
  return new SettingsError(
    `${source} is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
