import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { changeItem, openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const S3 = 'https://secret-bucket.s3.amazonaws.com';

let api: TestApi;
let table: WishlistTable;

beforeAll(async () => {
  api = await startTestApi();
  table = openWishlistTable(api.config.DATABASE_URL);
});

afterAll(async () => {
  await table.close();
  await api.close();
});

const KEY_RULE =
  'image key must name an object under uploads/wishlist/, without control characters and segments . or ..';
const URL_RULE = 'image URL must be an absolute http or https URL';
const OWN_URL_RULE =
  'image URL must name an object under uploads/wishlist/ where it is one of our bucket';

describe.each(['create', 'update'] as const)('%sWishlistItem refuses', (kind) => {
  test.each([
    [{ title: '' }, 'INVALID_TITLE', 'title must not be empty'],
    [{ title: 'x'.repeat(256) }, 'INVALID_TITLE', 'title must be at most 255 characters long'],
    [{ title: 'a\nb' }, 'INVALID_TITLE', 'title must not contain control characters'],
    [{ imageKey: '' }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageKey: 'uploads/wishlist/' }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageKey: `ingest/${NOBODY}` }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageKey: 'uploads/wishlist/../x' }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageKey: 'uploads/wishlist/a\u0000' }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageKey: `uploads/wishlist/${'a'.repeat(1024)}` }, 'INVALID_IMAGE_KEY', KEY_RULE],
    [{ imageUrl: '' }, 'INVALID_IMAGE_URL', 'image URL must not be empty'],
    [{ imageUrl: 'uploads/wishlist/1.jpg' }, 'INVALID_IMAGE_URL', URL_RULE],
    [{ imageUrl: 'javascript:alert(1)' }, 'INVALID_IMAGE_URL', URL_RULE],
    [
      { imageUrl: `https://example.com/${'a'.repeat(2048)}` },
      'INVALID_IMAGE_URL',
      'image URL must be at most 2048 characters long',
    ],
    [{ imageUrl: `${S3}/ingest/${NOBODY}` }, 'INVALID_IMAGE_URL', OWN_URL_RULE],
    [{ imageUrl: `${S3}/` }, 'INVALID_IMAGE_URL', OWN_URL_RULE],
    [{ imageUrl: `${S3}/uploads/wishlist/../../ingest/x` }, 'INVALID_IMAGE_URL', OWN_URL_RULE],
    [{ imageId: NOBODY }, 'IMAGE_NOT_FOUND', 'image not found'],
    [{ imageId: 'garbage' }, 'IMAGE_NOT_FOUND', 'image not found'],
    [
      { imageKey: 'uploads/wishlist/1', imageId: NOBODY },
      'CONFLICTING_IMAGES',
      'imageKey and imageId exclude each other',
    ],
    [
      { imageUrl: 'https://example.com', imageId: NOBODY },
      'CONFLICTING_IMAGES',
      'imageUrl and imageId exclude each other',
    ],
  ])('%j', async (input, code, message) => {
    const [id] = kind === 'update' ? await table.add({ title: 'before' }) : [];
    const given = kind === 'update' ? { id, ...input } : { title: 'A boat', ...input };
    const { item, userErrors } = await changeItem(api, kind, given);
    const field = code === 'CONFLICTING_IMAGES' ? 'imageId' : Object.keys(input)[0];
    expect({ item, userErrors }).toEqual({ item: null, userErrors: [{ code, message, field }] });
    if (id) expect(await table.row(id)).toMatchObject({ title: 'before', imageUpdatedAt: null });
  });
});
