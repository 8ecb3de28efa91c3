import type { Prisma } from '../../src/generated/prisma/client.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { newWishlistItemId } from '../../src/shared/wishlist-items.ts';
import type { Answer, GraphqlAnswer, GraphqlError, TestApi } from './api.ts';
import { JSON_HEADERS } from './api.ts';
import { captureLog } from './log.ts';

export type ItemRow = Partial<Prisma.WishlistItemCreateManyInput>;

/** The table as other writers have filled it. */
export interface WishlistTable {
  /** Resolves with the ids, in order: the last one is the newest. */
  add(...rows: ItemRow[]): Promise<string[]>;
  row(id: string): Promise<Prisma.WishlistItemGetPayload<object> | null>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const ANN = 'ann';
export const BOB = 'bob';

export function openWishlistTable(databaseUrl: string): WishlistTable {
  const { logger } = captureLog();
  const database = createDatabase({ databaseUrl, poolSize: 1, logger });
  return {
    async add(...rows) {
      const ids = rows.map(() => newWishlistItemId()).sort();
      await database.wishlistItem.createMany({
        data: rows.map((row, n) => ({ id: ids[n] ?? '', userId: ANN, title: `item ${n}`, ...row })),
      });
      return rows.map((row, n) => row.id ?? ids[n] ?? '');
    },
    row: (id) => database.wishlistItem.findUnique({ where: { id } }),
    async clear() {
      await database.wishlistItem.deleteMany();
    },
    close: () => database.$disconnect(),
  };
}

export interface UserOfApi {
  get(path: string): Promise<Answer>;
  graphql<Data>(query: string, variables?: object): Promise<GraphqlAnswer<Data>>;
}

/** The API as a user sees it who came through the gateway; null for one that it does not know. */
export function asUser(api: TestApi, userId: string | null): UserOfApi {
  const user: Record<string, string> = userId === null ? {} : { 'x-user-id': userId };
  return {
    get: (path) => api.send(path, { headers: user }),
    async graphql<Data>(query: string, variables: object = {}) {
      const answer = await api.send('/graphql', {
        method: 'POST',
        headers: { ...JSON_HEADERS, ...user },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (answer.json ?? {}) as { data: Data; errors?: GraphqlError[] };
      return { ...answer, data, errors: errors ?? [] };
    },
  };
}

export interface ChangedItem {
  id: string;
  title: string;
  imageUrl: string | null;
  image: { id: string } | null;
  imageUpdatedAt: string | null;
  updatedAt: string;
}

export interface ItemPayload {
  item: ChangedItem | null;
  userErrors: { code: string; message: string; field: string | null }[];
}

/** Ann's mutation. Throws when it ends in an error that is no `userErrors`. */
export async function changeItem(
  api: TestApi,
  kind: 'create' | 'update',
  input: object,
): Promise<ItemPayload> {
  const type = kind === 'create' ? 'CreateWishlistItemInput' : 'UpdateWishlistItemInput';
  const { data, errors } = await asUser(api, ANN).graphql<{ payload: ItemPayload }>(
    `mutation ($input: ${type}!) {
      payload: ${kind}WishlistItem(input: $input) {
        item { id title imageUrl image { id } imageUpdatedAt updatedAt }
        userErrors { code message field }
      }
    }`,
    { input },
  );
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data.payload;
}
