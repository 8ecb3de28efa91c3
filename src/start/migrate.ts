import { fileURLToPath } from 'node:url';
import { loadMigrateConfig } from '../shared/config.ts';
import { applyMigrations } from '../shared/migrations.ts';

const directory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

try {
  const { DATABASE_URL: databaseUrl } = loadMigrateConfig();
  const applied = await applyMigrations({ databaseUrl, directory });
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log('the database is up to date');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
