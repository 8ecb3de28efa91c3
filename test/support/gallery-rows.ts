import pg from 'pg';
import { ulid } from 'ulid';
import type { ContentType } from '../../src/domain/content-types.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import type { ImageStatus } from '../../src/domain/image-status.ts';

export interface GalleryRow {
  createdAt: Date;
  status: ImageStatus;
  contentType: ContentType;
  fileName: string;
}

/** Stores images of any age, which the service itself cannot. Returns their ids, in this order. */
export async function storeImages(
  databaseUrl: string,
  rows: readonly Partial<GalleryRow>[],
): Promise<ImageId[]> {
  const whole = rows.map((row) => {
    const defaults = { status: 'ready', contentType: 'image/png', fileName: 'cat.png' } as const;
    const { createdAt = new Date(), ...rest } = { ...defaults, ...row };
    return { id: ulid(createdAt.getTime()) as ImageId, createdAt, ...rest };
  });
  await withDatabase(databaseUrl, (client) =>
    client.query(
      `INSERT INTO image_records
         (id, status, content_type, file_name, object_key, created_at, updated_at, failure_reason,
          thumbhash)
       SELECT id, status, content_type, file_name, 'ingest/' || id, created_at, created_at,
         CASE status WHEN 'failed' THEN 'EMPTY' END, CASE status WHEN 'ready' THEN 'aGFzaA==' END
       FROM json_to_recordset($1) AS rows
         (id text, status text, content_type text, file_name text, created_at timestamptz)`,
      [
        JSON.stringify(
          whole.map(({ id, status, contentType, fileName, createdAt }) => ({
            ...{ id, status, content_type: contentType },
            ...{ file_name: fileName, created_at: createdAt },
          })),
        ),
      ],
    ),
  );
  return whole.map(({ id }) => id);
}

/** Takes the rows of images away, as deleting them does. */
export async function removeImages(databaseUrl: string, ids: readonly ImageId[]): Promise<void> {
  await withDatabase(databaseUrl, (client) =>
    client.query('DELETE FROM image_records WHERE id = ANY($1)', [ids]),
  );
}

async function withDatabase(
  databaseUrl: string,
  use: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end();
  }
}
