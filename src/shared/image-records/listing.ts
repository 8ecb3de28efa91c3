import type { ContentType } from '../../domain/content-types.ts';
import type { ImageId } from '../../domain/image-id.ts';
import type { ImageStatus } from '../../domain/image-status.ts';
import type { ImageRecordModel } from '../../generated/prisma/models.ts';
import type { Database } from '../database.ts';
import { firstIdAt } from '../image-ids.ts';
import { countRows, type IdRange, selectRows } from './listing-sql.ts';

/** All that is not null has to be true of an image. */
export interface ImageFilter {
  status: ImageStatus | null;
  contentType: ContentType | null;
  /** Exclusive. */
  createdAfter: Date | null;
  /** Exclusive. */
  createdBefore: Date | null;
  /** Not a pattern: every character stands for itself, in either case. */
  fileNameContains: string | null;
}

export type ImageOrder = 'newest' | 'oldest';

/** A place in the list, where an image is or once was. */
export interface Place {
  id: ImageId;
  /** Whether an image at this very place belongs to the stretch that begins or ends there. */
  inclusive: boolean;
}

export interface ListQuery {
  filter: ImageFilter;
  order: ImageOrder;
  /** Where the stretch begins, in this order; null for the beginning of the list. */
  after: Place | null;
  /** Where the stretch ends, in this order; null for the end of the list. */
  before: Place | null;
  /** Which end of the stretch to take images from. */
  take: 'first' | 'last';
  /** From 1 to 101. */
  limit: number;
}

export interface Listing<Row> {
  /** Images of a stretch of the list, in this order. One query, as fast anywhere in the list. */
  list(query: ListQuery): Promise<Row[]>;
  /** How many images there are. Takes longer the more there are. */
  count(filter: ImageFilter): Promise<number>;
}

export function createListing<Row>(
  database: Database,
  toRow: (model: ImageRecordModel) => Row,
): Listing<Row> {
  return {
    async list({ filter, order, after, before, take, limit }) {
      const descending = (order === 'newest') === (take === 'first');
      const [older, newer] = order === 'newest' ? [before, after] : [after, before];
      const range = intersection(createdWithin(filter), idsBetween(older, newer));
      const models = await database.$queryRaw<ImageRecordModel[]>(
        selectRows({ filter, range, descending, limit }),
      );
      const rows = models.slice(0, limit).map(toRow);
      return take === 'first' ? rows : rows.reverse();
    },

    async count(filter) {
      const sql = countRows(filter, createdWithin(filter));
      const [row] = await database.$queryRaw<{ count: bigint }[]>(sql);
      return Number(row?.count ?? 0);
    },
  };
}

/** Less than every id, and more: the first digit of an id is at most 7. */
const ALL: IdRange = { from: '', to: '8' };

function createdWithin({ createdAfter, createdBefore }: ImageFilter): IdRange {
  return {
    from: createdAfter ? firstIdAt(createdAfter.getTime() + 1) : ALL.from,
    to: createdBefore ? firstIdAt(createdBefore.getTime()) : ALL.to,
  };
}

function idsBetween(older: Place | null, newer: Place | null): IdRange {
  return {
    from: older ? (older.inclusive ? older.id : behind(older.id)) : ALL.from,
    to: newer ? (newer.inclusive ? behind(newer.id) : newer.id) : ALL.to,
  };
}

/** More than this id, and less than every id that is more. */
function behind(id: ImageId): string {
  return `${id}0`;
}

function intersection(a: IdRange, b: IdRange): IdRange {
  return { from: a.from > b.from ? a.from : b.from, to: a.to < b.to ? a.to : b.to };
}
