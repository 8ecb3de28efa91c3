import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  GalleryCount,
  GalleryPage,
  ImageAccesses,
  ImagesById,
} from '../../src/gallery-ui/api/documents.graphql.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

/** More than the 20 after which a query is compiled. */
const TIMES = 22;

let api: TestApi;
let ids: string[];

beforeAll(async () => {
  api = await startTestApi();
  ids = [await api.seed.ready(), await api.seed.pending(), await api.seed.ready()];
});

afterAll(() => api.close());

/** What is different each time: signatures, and the second in which they end. */
function comparable(answer: object): unknown {
  return JSON.parse(
    JSON.stringify(answer)
      .replaceAll(/Signature=[\w~-]+|Expires=\d+/g, '')
      .replaceAll(/"expiresAt":"[^"]+"/g, '"expiresAt":""'),
  );
}

const NODE = `query Node($id: ID!) {
  node(id: $id) { __typename id ... on Image { status access { downloadUrl expiresAt } } }
}`;

test.each<[string, string, () => object]>([
  ['a page', `${GalleryPage}`, () => ({ first: 2, order: 'OLDEST' })],
  [
    'a filtered page',
    `${GalleryPage}`,
    () => ({ first: 9, filter: { status: 'READY' }, order: 'NEWEST' }),
  ],
  ['a count', `${GalleryCount}`, () => ({ filter: { contentType: 'image/jpeg' } })],
  ['images by their ids', `${ImagesById}`, () => ({ ids: [...ids, 'none', ids[0]] })],
  ['how to read them', `${ImageAccesses}`, () => ({ ids })],
  ['a node', NODE, () => ({ id: ids[2] })],
  ['a node that there is not', NODE, () => ({ id: '00000000000000000000000000' })],
  ['too many ids', `${ImagesById}`, () => ({ ids: Array(51).fill(ids[0]) })],
])(
  '%s is the same however often it is asked for, with as many statements',
  async (what, query, variables) => {
    const answers: unknown[] = [];
    const statements: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      api.queries.length = 0;
      const { status, data, errors } = await api.graphql(query, variables());
      answers.push(comparable({ status, data, errors }));
      statements.push(api.queries.length);
    }
    expect(answers[0]).toMatchObject({
      errors: what === 'too many ids' ? [{ extensions: { code: 'TOO_MANY_IDS' } }] : [],
    });
    expect(answers).toEqual(Array(TIMES).fill(answers[0]));
    expect(statements).toEqual(Array(TIMES).fill(statements[0]));
  },
);
