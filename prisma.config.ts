import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: {
    // Prisma's own env() throws when the variable is unset, and `prisma generate` needs no database.
    url: process.env.DATABASE_URL ?? 'postgresql://localhost/unset',
  },
});
