import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

let api: TestApi;
let table: WishlistTable;

beforeAll(async () => {
  api = await startTestApi({ USER_ID_HEADER: 'X-Forwarded-User', DEFAULT_USER_ID: 'somebody' });
  table = openWishlistTable(api.config.DATABASE_URL);
  await table.add({ userId: 'somebody', title: 'default' }, { userId: 'ann', title: "ann's" });
});

afterAll(async () => {
  await table.close();
  await api.close();
});

/** With raw headers: `fetch` would join those of one name. */
async function titles(...headers: string[]): Promise<unknown> {
  const sent = request(`${api.url}/api/wishlist`, { headers: ['host', 'x', ...headers] }).end();
  const [response] = await once(sent, 'response');
  const body = JSON.parse(await text(response));
  return body.items?.map(({ title }: { title: string }) => title) ?? body.code;
}

test('DEFAULT_USER_ID is who asks where nobody says so', async () => {
  expect(await titles()).toEqual(['default']);
  expect(await titles('x-user-id', 'ann')).toEqual(['default']);
  expect(await titles('x-forwarded-user', '')).toEqual(['default']);
});

test('USER_ID_HEADER names the header, in any case', async () => {
  expect(await titles('x-forwarded-user', 'ann')).toEqual(["ann's"]);
  expect(await titles('X-FORWARDED-USER', 'ann')).toEqual(["ann's"]);
});

test('two headers are nobody, not even the default', async () => {
  const twice = ['x-forwarded-user', 'ann', 'x-forwarded-user', 'bob'];
  expect(await titles(...twice)).toBe('UNAUTHENTICATED');
  expect(await titles('x-forwarded-user', 'ann', 'x-forwarded-user', 'ann')).toBe(
    'UNAUTHENTICATED',
  );
});

test('a header that is no user id is nobody, not the default', async () => {
  expect(await titles('x-forwarded-user', 'a'.repeat(256))).toBe('UNAUTHENTICATED');
});
