import { makeCursors } from '../../domain/cursors.ts';
import { isImageId } from '../../domain/image-id.ts';
import {
  type Edge,
  type PageArguments,
  type PageEnds,
  parsePageArguments,
} from '../../domain/page.ts';
import type { ImageOrder, ListQuery } from '../../shared/image-records/listing.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import { checkFilterArguments, type FilterArguments } from './filter-arguments.ts';

const PAGES = { standard: 50, max: 100, cursors: makeCursors('image-1:', isImageId) };

export interface ListImagesInput extends PageArguments {
  filter?: FilterArguments | null | undefined;
  order: ImageOrder;
}

/** What is a function costs a query, and is for those who ask. */
export interface ImagePage {
  edges: Edge<ImageRecord>[];
  pageInfo: PageEnds;
  countAll(): Promise<number>;
}

export interface ListImagesDeps {
  records: Pick<ImageRecords, 'list' | 'count'>;
}

export type ListImages = (input: ListImagesInput) => Promise<ImagePage>;

/**
 * A page of the gallery by the rules of the Relay Cursor Connections Specification. Throws
 * DomainError("INVALID_PAGE_ARGUMENTS", "INVALID_CURSOR", "UNSUPPORTED_CONTENT_TYPE",
 * "INVALID_FILTER").
 */
export function makeListImages({ records }: ListImagesDeps): ListImages {
  return async ({ filter: filterArguments, order, ...pageArguments }) => {
    const { take, limit, after, before } = parsePageArguments(pageArguments, PAGES);
    const filter = checkFilterArguments(filterArguments);

    /** Whether the list has anything in a stretch; looks at one end of it only. */
    async function hasAny(stretch: Pick<ListQuery, 'after' | 'before' | 'take'>) {
      return (await records.list({ filter, order, ...stretch, limit: 1 })).length > 0;
    }

    // One more than asked for tells whether there are more.
    const found = await records.list({
      filter,
      order,
      after: after && { id: after, inclusive: false },
      before: before && { id: before, inclusive: false },
      take,
      limit: limit + 1,
    });
    const hasMore = found.length > limit;
    const images = take === 'first' ? found.slice(0, limit) : found.slice(-limit);
    const edges = images.map((node) => ({ node, cursor: PAGES.cursors.encode(node.id) }));

    return {
      edges,
      pageInfo: {
        startCursor: edges.at(0)?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
        // On the far side of a cursor the specification leaves the truth to those who can afford it.
        // The image at the cursor is part of that side; looked for from there, it is found at once.
        async hasPreviousPage() {
          if (take === 'last') return hasMore;
          if (after === null) return false;
          return hasAny({ after: null, before: { id: after, inclusive: true }, take: 'last' });
        },
        async hasNextPage() {
          if (take === 'first') return hasMore;
          if (before === null) return false;
          return hasAny({ after: { id: before, inclusive: true }, before: null, take: 'first' });
        },
      },
      countAll: () => records.count(filter),
    };
  };
}
