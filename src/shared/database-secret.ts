import { z } from 'zod';

/** What RDS keeps in Secrets Manager ("JSON structure of AWS Secrets Manager secrets"). */
const rdsSecret = z.object({
  engine: z.string().optional(),
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().regex(/^[\w.:-]+$/),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  dbname: z.string().min(1),
});

export type DatabaseSecret = { url: string } | { problem: string };

/**
 * The connection URL in a secret: the text itself, or composed of RDS's JSON. How TLS is used is not in
 * that JSON; `PGSSLMODE` says it. The problem follows "... names a secret that"; it quotes nothing.
 */
export function readDatabaseSecret(text: string): DatabaseSecret {
  if (!text.trimStart().startsWith('{')) return { url: text };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'begins like JSON and is none' };
  }
  const result = rdsSecret.safeParse(json);
  if (!result.success) {
    const fields = new Set(result.error.issues.map(({ path }) => path.join('.')));
    return { problem: `has no usable ${[...fields].join(', ')}` };
  }
  const { engine, username, password, host, port, dbname } = result.data;
  if (engine !== undefined && !/postgres/.test(engine)) {
    return { problem: 'belongs to another engine than PostgreSQL' };
  }
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  return { url: `postgresql://${login}@${authority}/${encodeURIComponent(dbname)}` };
}
