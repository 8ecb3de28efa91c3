import type { ImageId } from '../../src/domain/image-id.ts';
import type { ImageFilter, ListQuery } from '../../src/shared/image-records/listing.ts';
import type { ListDatabase } from './list-database.ts';

const PAGE_SIZE = 50;
const DEEP_PAGE = 10_000;

const ANY: ImageFilter = {
  ...{ status: null, contentType: null, createdAfter: null, createdBefore: null },
  fileNameContains: null,
};

/** The 10,000th page, or the one in the middle of fewer images. */
export type Place = 'first' | 'deep';

export interface ListCase {
  /** In words; the same at every number of images. */
  name: string;
  place: Place;
  query: ListQuery;
}

/** What is asked of a database: each filter at each place. The first filter is none. */
export function listCasesOf(database: ListDatabase): ListCase[] {
  const deep = database.idAt(Math.min(PAGE_SIZE * (DEEP_PAGE - 1), database.rows / 2));
  return filtersOf(database).flatMap(({ name, filter, order = 'newest' }): ListCase[] => {
    const query = { filter, order, before: null, take: 'first', limit: PAGE_SIZE + 1 } as const;
    const id = (order === 'newest' ? deep.fromNewest : deep.fromOldest) as ImageId;
    const after = { id, inclusive: false };
    return [
      { name, place: 'first', query: { ...query, after: null } },
      { name, place: 'deep', query: { ...query, after } },
    ];
  });
}

interface NamedFilter {
  name: string;
  filter: ImageFilter;
  order?: ListQuery['order'];
}

/** See list-database.ts for who is how many, and where. */
function filtersOf({ middle }: ListDatabase): NamedFilter[] {
  const named = (fileNameContains: string) => ({ ...ANY, fileNameContains });
  return [
    { name: 'no filter', filter: ANY },
    { name: 'no filter, oldest first', filter: ANY, order: 'oldest' },
    { name: 'status of 99 %', filter: { ...ANY, status: 'ready' } },
    { name: 'status of 1 %, old', filter: { ...ANY, status: 'failed' } },
    { name: 'content type of 85 %', filter: { ...ANY, contentType: 'image/jpeg' } },
    { name: 'content type of 0.1 %', filter: { ...ANY, contentType: 'image/gif' } },
    { name: 'created before', filter: { ...ANY, createdBefore: middle } },
    { name: 'created after', filter: { ...ANY, createdAfter: middle } },
    { name: 'name of 80 %', filter: named('img_') },
    { name: 'name of 0.2 %', filter: named('screenshot') },
    { name: 'name of 20 %, old', filter: named('HOLIDAY') },
    { name: 'name of five', filter: named('needle') },
    { name: 'name of none', filter: named('nowhere') },
    { name: 'two letters of five', filter: named('dl') },
  ];
}
