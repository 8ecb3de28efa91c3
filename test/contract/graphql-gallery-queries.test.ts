import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { fetchPage, type GalleryArguments } from '../support/gallery-query.ts';

describe('the queries of a gallery', () => {
  let api: TestApi;
  let cursor: string;

  beforeAll(async () => {
    api = await startTestApi();
    await Promise.all([api.seed.ready(), api.seed.pending('dog.png'), api.seed.failed()]);
    const { edges } = await fetchPage(api, {});
    cursor = edges[1]?.cursor ?? '';
  });

  afterAll(() => api.close());

  beforeEach(() => {
    api.queries.length = 0;
  });

  const NEAR = 'edges { cursor node { id } } pageInfo { startCursor endCursor';

  test.each<[string, GalleryArguments, string, number]>([
    ['a page', {}, `${NEAR} hasNextPage }`, 1],
    ['both ends of the list', {}, `${NEAR} hasNextPage hasPreviousPage }`, 1],
    ['the last page', { last: 2 }, `${NEAR} hasNextPage hasPreviousPage }`, 1],
    ['a later page', { after: 'cursor' }, `${NEAR} hasNextPage }`, 1],
    ['an earlier page', { last: 1, before: 'cursor' }, `${NEAR} hasPreviousPage }`, 1],
    ['also a page before it', { after: 'cursor' }, `${NEAR} hasPreviousPage }`, 2],
    ['also a page behind it', { last: 1, before: 'cursor' }, `${NEAR} hasNextPage }`, 2],
    ['names', { filter: { fileNameContains: 'dog' } }, `${NEAR} hasNextPage }`, 1],
    ['a content type', { filter: { contentType: 'image/png' } }, `${NEAR} hasNextPage }`, 1],
    [
      'everything about the images',
      {},
      `edges { node {
        id status contentType fileName sizeBytes width height failureReason createdAt updatedAt
        thumbhash access { downloadUrl expiresAt } thumbnail { downloadUrl expiresAt }
      } }`,
      1,
    ],
  ])('%s: as many as needed', async (_what, { after, before, ...given }, selection, count) => {
    await fetchPage(
      api,
      { ...given, ...(after && { after: cursor }), ...(before && { before: cursor }) },
      selection,
    );
    expect(api.queries).toHaveLength(count);
    for (const sql of api.queries) expect(sql).toMatch(/^\s*(SELECT|WITH)\b/);
  });

  test('nothing is counted unless asked for', async () => {
    await fetchPage(api, {}, 'edges { cursor } totalCount @include(if: false)');
    expect(api.queries.filter((sql) => sql.includes('AS count'))).toEqual([]);
  });

  test.each<[string, GalleryArguments, number]>([
    ['all', {}, 3],
    ['of a page: all pages', { first: 1, after: 'cursor' }, 3],
    ['a status', { filter: { status: 'PENDING' } }, 1],
    ['a content type', { filter: { contentType: 'image/gif' } }, 0],
    ['names', { filter: { fileNameContains: 'CAT' } }, 2],
  ])('one counts, when asked for: %s', async (_what, { after, ...given }, totalCount) => {
    const page = await fetchPage(api, { ...given, ...(after && { after: cursor }) }, 'totalCount');
    expect(page).toEqual({ totalCount });
    expect(api.queries.filter((sql) => sql.includes('AS count'))).toHaveLength(1);
  });
});
