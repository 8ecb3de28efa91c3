import { fileURLToPath } from 'node:url';
import { loadMigrateConfig } from '../shared/config.ts';
import { applyMigrations } from '../shared/migrations.ts';
import { resolveSecrets } from '../shared/secrets.ts';

const directory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

try {
  const { environment, secrets } = await resolveSecrets(['DATABASE_URL']);
  const { DATABASE_URL: databaseUrl } = loadMigrateConfig(environment, secrets);
  const applied = await applyMigrations({ databaseUrl, directory });
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log('the database is up to date');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
