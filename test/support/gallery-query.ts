import { expect } from '@jest/globals';
import type { ImageStatus } from '../../src/domain/image-status.ts';
import type { TestApi } from './api.ts';

export interface GalleryArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  order?: 'NEWEST' | 'OLDEST';
  filter?: GalleryFilter | null;
}

export interface GalleryFilter {
  status?: Uppercase<ImageStatus> | null;
  contentType?: string | null;
  createdAfter?: string | null;
  createdBefore?: string | null;
  fileNameContains?: string | null;
}

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export interface GalleryPage {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: PageInfo;
  totalCount?: number;
}

/** Everything that tells where a page is. */
export const PAGE = `
  edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;

function galleryQuery(selection: string): string {
  return `query (
    $first: Int, $after: String, $last: Int, $before: String, $filter: ImageFilter
    $order: ImageOrder! = NEWEST
  ) {
    gallery(
      first: $first, after: $after, last: $last, before: $before, filter: $filter, order: $order
    ) { ${selection} }
  }`;
}

export async function fetchPage(
  api: TestApi,
  given: GalleryArguments = {},
  selection = PAGE,
): Promise<GalleryPage> {
  const { status, data, errors } = await api.graphql<{ gallery: GalleryPage }>(
    galleryQuery(selection),
    given,
  );
  expect({ status, errors }).toEqual({ status: 200, errors: [] });
  return data.gallery;
}

/** What is said to a request that is refused. */
export async function fetchRefusal(
  api: TestApi,
  given: object,
): Promise<{ status: number; errors: { message: string; extensions: unknown }[] }> {
  const { status, data, errors } = await api.graphql(galleryQuery(PAGE), given);
  expect(data ?? null).toBeNull();
  return { status, errors: errors.map(({ message, extensions }) => ({ message, extensions })) };
}

export function idsOf({ edges }: GalleryPage): string[] {
  return edges.map(({ node }) => node.id);
}
