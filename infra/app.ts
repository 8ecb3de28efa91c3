import { fileURLToPath } from 'node:url';
import { buildApp } from './build-app.ts';
import { readSettings, SettingsError } from './settings/read-settings.ts';

const example = fileURLToPath(new URL('settings.example.json', import.meta.url));
const file = process.argv[2] ?? example;

try {
  const { directory, stacks } = buildApp(readSettings(file)).synth();
  console.error(`${file}: ${stacks.map((stack) => stack.stackName).join(', ')} in ${directory}`);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
