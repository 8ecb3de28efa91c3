import type { ContentType } from '../../domain/content-types.ts';
import type { ImageStatus } from '../../domain/image-status.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import { type Scan, scanRows } from './scan-sql.ts';
import { countFound, searchRows } from './search-sql.ts';

/** What is asked of the rows, apart from their ids. */
export interface RowFilter {
  status: ImageStatus | null;
  contentType: ContentType | null;
  /** A part of the file name, in any case. */
  fileNameContains: string | null;
}

/** A stretch of ids: `from` is in it, `to` is not. */
export interface IdRange {
  from: string;
  to: string;
}

export interface RowsQuery {
  filter: RowFilter;
  range: IdRange;
  /** From the end of the range: the newest first. */
  descending: boolean;
  /** At most the last of {@link LIMITS}; more rows than that may come, up to the next of them. */
  limit: number;
}

/**
 * A limit is part of the text, and PostgreSQL keeps the plans of each text: there are few of them.
 * One more than the usual sizes of a page.
 */
const LIMITS = [1, 11, 21, 51, 101] as const;

/** The rows in order of their ids, as many as there are up to the limit, at least. */
export function selectRows({ filter, range, descending, limit }: RowsQuery): Prisma.Sql {
  const step = LIMITS.find((each) => each >= limit);
  if (step === undefined) throw new RangeError(`at most ${LIMITS.at(-1)} rows, not ${limit}`);
  const scan = toScan(filter, range, descending);
  return filter.fileNameContains === null
    ? scanRows(scan, step)
    : searchRows(scan, filter.fileNameContains, step);
}

/** How many rows there are, as "count". Takes longer the more there are. */
export function countRows(filter: RowFilter, range: IdRange): Prisma.Sql {
  const { status, contentType, fileNameContains } = filter;
  if (fileNameContains !== null) return countFound(toScan(filter, range, true), fileNameContains);
  const hasStatus = status === null ? Prisma.empty : Prisma.sql`AND status = ${status}`;
  const hasType =
    contentType === null ? Prisma.empty : Prisma.sql`AND content_type = ${contentType}`;
  return Prisma.sql`
    SELECT count(*) AS count FROM image_records
    WHERE id >= ${range.from} AND id < ${range.to} ${hasStatus} ${hasType}`;
}

function toScan({ status, contentType }: RowFilter, range: IdRange, descending: boolean): Scan {
  const { from, to } = range;
  return {
    status,
    contentType,
    range: { from: Prisma.sql`${from}`, to: Prisma.sql`${to}` },
    descending,
  };
}
