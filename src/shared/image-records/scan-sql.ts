import type { ContentType } from '../../domain/content-types.ts';
import type { ImageStatus } from '../../domain/image-status.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import { IMAGE_COLUMNS } from './columns.ts';

export interface Scan {
  status: ImageStatus | null;
  contentType: ContentType | null;
  /** A stretch of ids, as expressions: `from` is in it, `to` is not. */
  range: { from: Prisma.Sql; to: Prisma.Sql };
  /** From the end of the range: the newest first. */
  descending: boolean;
}

/** The check constraint of the table knows no others. */
const STATUSES: readonly ImageStatus[] = ['pending', 'ready', 'failed'];

/**
 * The first rows of a stretch of ids, in their order, whatever the file names.
 *
 * Status and content type are compared as rows together with the id, and ordered by, though they
 * are the same in all rows of a scan. With `status = ... ORDER BY id` the planner may as well walk
 * the primary key until enough rows happen to fit, which is the whole table when they are old.
 * Compared so, nothing but one stretch of the index of just these columns gives the order.
 */
export function scanRows(scan: Scan, limit: number): Prisma.Sql {
  const { status, contentType } = scan;
  if (contentType === null) {
    return status === null
      ? scanIndex(['id'], [], scan, limit)
      : scanIndex(['status', 'id'], [status], scan, limit);
  }
  const statuses = status === null ? STATUSES : [status];
  const scans = statuses.map((each) => {
    const columns = ['content_type', 'status', 'id'];
    return Prisma.sql`(${scanIndex(columns, [contentType, each], scan, limit)})`;
  });
  return Prisma.sql`
    SELECT * FROM (${Prisma.join(scans, ' UNION ALL ')}) AS scans
    ORDER BY id ${directionOf(scan)} LIMIT ${literal(limit)}`;
}

/** The first rows of one stretch of the index of these columns, the last of which is the id. */
function scanIndex(columns: string[], values: string[], scan: Scan, limit: number): Prisma.Sql {
  const row = Prisma.raw(`(${columns.join(', ')})`);
  const order = columns.map((column) => Prisma.sql`${Prisma.raw(column)} ${directionOf(scan)}`);
  return Prisma.sql`
    SELECT ${IMAGE_COLUMNS} FROM image_records
    WHERE ${row} >= (${Prisma.join([...values, scan.range.from])})
      AND ${row} < (${Prisma.join([...values, scan.range.to])})
    ORDER BY ${Prisma.join(order)} LIMIT ${literal(limit)}`;
}

export function directionOf({ descending }: Pick<Scan, 'descending'>): Prisma.Sql {
  return Prisma.raw(descending ? 'DESC' : 'ASC');
}

/** As a part of the text: the planner takes a parameter for a tenth of the table, and sorts it. */
export function literal(count: number): Prisma.Sql {
  return Prisma.raw(String(count));
}
