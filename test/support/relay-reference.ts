import { CONTENT_TYPES } from '../../src/domain/content-types.ts';
import type { GalleryArguments, GalleryFilter } from './gallery-query.ts';
import type { GalleryRow } from './gallery-rows.ts';

export interface ListedImage extends GalleryRow {
  id: string;
}

/** The page as the algorithms of the specification make it, from all images there are. */
export function referencePage(images: readonly ListedImage[], given: GalleryArguments) {
  const { first, last, order = 'NEWEST', filter } = given;
  const after = given.after ? idOfCursor(given.after) : null;
  const before = given.before ? idOfCursor(given.before) : null;
  const sign = order === 'NEWEST' ? -1 : 1;
  const compare = (a: string, b: string) => (a < b ? -sign : a > b ? sign : 0);
  const all = images
    .filter((image) => fits(image, filter ?? {}))
    .map(({ id }) => id)
    .sort(compare);
  // Cursors keep their place also when their image is not in the list.
  const between = all.filter(
    (id) =>
      (after === null || compare(id, after) > 0) && (before === null || compare(id, before) < 0),
  );
  const ids = typeof last === 'number' ? between.slice(-last) : between.slice(0, first ?? 50);
  const hasMore = between.length > ids.length;
  return {
    ids,
    totalCount: all.length,
    hasNextPage:
      typeof last === 'number' ? all.some((id) => before && compare(id, before) >= 0) : hasMore,
    hasPreviousPage:
      typeof last === 'number' ? hasMore : all.some((id) => after && compare(id, after) <= 0),
  };
}

function idOfCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString().slice(-26);
}

function fits(image: ListedImage, filter: GalleryFilter): boolean {
  const { status, contentType, createdAfter, createdBefore, fileNameContains } = filter;
  return (
    (!status || image.status === status.toLowerCase()) &&
    (!contentType || image.contentType === contentType) &&
    (!createdAfter || image.createdAt > new Date(createdAfter)) &&
    (!createdBefore || image.createdAt < new Date(createdBefore)) &&
    (!fileNameContains || fold(image.fileName).includes(fold(fileNameContains)))
  );
}

function fold(name: string): string {
  return name.normalize().toLowerCase();
}

const STATUSES = ['READY', 'PENDING', 'FAILED'] as const;

export interface Draw {
  oneOf<T>(choices: readonly T[]): T;
  /** From 0 to below `end`. */
  below(end: number): number;
}

/** Mulberry32: the same numbers for the same seed, so that a failure can be looked at again. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (end: number) => Math.floor(next() * end);
  return { below, oneOf: (choices) => choices[below(choices.length)] as (typeof choices)[number] };
}

/** Arguments of any kind; `cursors` and `names` to choose from. */
export function drawArguments(
  draw: Draw,
  { cursors, times, names }: { cursors: string[]; times: Date[]; names: string[] },
): GalleryArguments {
  const maybe = <T>(choices: readonly T[]): T | null =>
    draw.below(2) === 0 ? null : draw.oneOf(choices);
  const size = 1 + draw.below(draw.oneOf([3, 12, 100]));
  return {
    ...draw.oneOf([{}, { first: size }, { first: size }, { last: size }, { last: size }]),
    after: maybe(cursors),
    before: maybe(cursors),
    order: draw.oneOf(['NEWEST', 'OLDEST']),
    filter: {
      status: maybe(STATUSES),
      contentType: maybe(CONTENT_TYPES),
      createdAfter: maybe(times)?.toISOString() ?? null,
      createdBefore: maybe(times)?.toISOString() ?? null,
      fileNameContains: maybe(names),
    },
  };
}
