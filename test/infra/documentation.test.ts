import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { settingsSchema } from '../../infra/settings/settings.ts';

interface Schema {
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
}

/** Every setting by its full name, those of either branch of a choice included. */
function namesIn(schema: Schema, above: string[] = []): string[] {
  return [schema, ...(schema.anyOf ?? [])].flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, inner]) => {
      const path = [...above, name];
      const further = namesIn(inner, path);
      return further.length > 0 ? further : [path.join('.')];
    }),
  );
}

test('the table of settings has every setting, and no others', () => {
  const page = readFileSync('docs/infrastructure.md', 'utf8');
  const [, section = ''] = page.split('## Settings');
  const [table = ''] = section.split('\n## ');
  const documented = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
  expect(documented.sort()).toEqual([...new Set(namesIn(schema as Schema))].sort());
});
