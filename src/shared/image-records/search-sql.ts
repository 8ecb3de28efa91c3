import { Prisma } from '../../generated/prisma/client.ts';
import { IMAGE_COLUMNS } from './columns.ts';
import { directionOf, literal, type Scan, scanRows } from './scan-sql.ts';

/**
 * How many rows are searched for a file name in order of their ids before the index of file names
 * is asked. Some 20 ms, and enough to fill a page when one name in a hundred fits.
 */
const WALKED_ROWS = 5_000;

/**
 * The first rows of a scan that have this part in their file names.
 *
 * A common part is soon found by walking along the ids; an index of file names, which knows nothing
 * of their order, would list and sort half of the table. A rare one is soon found in that index, and
 * may be millions of rows away. Which it is cannot be told from statistics: a name may be common
 * among old images only. So some rows are walked, and if they do not fill the page, the index is
 * asked, in the same statement, for one period after the other until they do.
 */
export function searchRows(scan: Scan, part: string, limit: number): Prisma.Sql {
  const enough = literal(limit);
  const direction = directionOf(scan);
  return Prisma.sql`
    WITH RECURSIVE walked AS MATERIALIZED (
      SELECT * FROM (${scanRows(scan, WALKED_ROWS)}) AS stretch
      WHERE ${containsPart(Prisma.raw('"fileName"'), part)} LIMIT ${enough}
    ), searched (edge, ids) AS (
      SELECT ${firstEdge(scan)}, ARRAY[]::text[] WHERE (SELECT count(*) FROM walked) < ${enough}
      UNION ALL
      SELECT ${nextEdge(scan)}, ids || ARRAY(
        ${matchesOfPeriod(scan, part)} ORDER BY id COLLATE "C" ${direction} LIMIT ${enough}
      )
      FROM searched CROSS JOIN LATERAL (${rowBeyondEdge(scan)}) AS next
      WHERE cardinality(ids) < ${enough}
    )
    SELECT * FROM (
      SELECT * FROM walked WHERE (SELECT count(*) FROM walked) = ${enough}
      UNION ALL
      SELECT ${IMAGE_COLUMNS} FROM image_records WHERE id IN (SELECT unnest(ids) FROM searched)
    ) AS found
    ORDER BY id ${direction} LIMIT ${enough}`;
}

/** How many rows of a scan have this part in their file names, as "count". */
export function countFound(scan: Scan, part: string): Prisma.Sql {
  return Prisma.sql`
    WITH RECURSIVE searched (edge, matches) AS (
      SELECT ${firstEdge(scan)}, 0::bigint
      UNION ALL
      SELECT ${nextEdge(scan)}, (SELECT count(*) FROM (${matchesOfPeriod(scan, part)}) AS found)
      FROM searched CROSS JOIN LATERAL (${rowBeyondEdge(scan)}) AS next
    )
    SELECT sum(matches)::bigint AS count FROM searched`;
}

/**
 * Rows of the period that `next` is in, by the index of file names, which keeps each period of three
 * days apart.
 *
 * All else is compared in another collation than that of its index, which is thereby out of the
 * question: the planner takes any range of ids for a small one.
 */
function matchesOfPeriod({ range, status, contentType }: Scan, part: string): Prisma.Sql {
  const hasStatus = status === null ? Prisma.empty : Prisma.sql`AND status COLLATE "C" = ${status}`;
  const hasType =
    contentType === null ? Prisma.empty : Prisma.sql`AND content_type COLLATE "C" = ${contentType}`;
  return Prisma.sql`
    SELECT id FROM image_records
    WHERE file_name_grams(file_name, id) @@ file_name_part_grams(${part}, image_period(next.id))
      AND ${containsPart(Prisma.raw('file_name'), part)}
      AND id COLLATE "C" >= ${range.from} AND id COLLATE "C" < ${range.to}
      ${hasStatus} ${hasType}`;
}

/** The grams alone may be there in another order. A subselect is computed once, not for each row. */
function containsPart(column: Prisma.Sql, part: string): Prisma.Sql {
  return Prisma.sql`strpos(file_name_folded(${column}), (SELECT file_name_folded(${part}))) > 0`;
}

/** Up to where nothing has been searched yet. */
function firstEdge({ range, descending }: Scan): Prisma.Sql {
  return Prisma.sql`${descending ? range.to : range.from}::text`;
}

/**
 * The far end of the period that `next` is in: its first five characters, or, of each fourth of the
 * digits that the fifth may be, the last one, and more than can follow it.
 */
function nextEdge({ descending }: Scan): Prisma.Sql {
  return descending
    ? Prisma.sql`image_period(next.id)`
    : Prisma.sql`left(next.id, 4) || translate(right(image_period(next.id), 1), '08GR', '7FQZ')
        || repeat('Z', 22)`;
}

/** The next row to come, whatever its file name: periods without any are not asked for. */
function rowBeyondEdge(scan: Scan): Prisma.Sql {
  const edge = Prisma.raw('searched.edge');
  const { from, to } = scan.range;
  return scanRows({ ...scan, range: scan.descending ? { from, to: edge } : { from: edge, to } }, 1);
}
