import type { Call, Sender } from './sender.ts';

/** What is asked for, and how often out of a hundred. */
const MIX = [
  ['one signed URL', 60],
  ['50 signed URLs', 15],
  ['an ingest URL', 10],
  ['a GraphQL page of 50', 15],
] as const;

type Kind = (typeof MIX)[number][0];

export const MIX_WORDS = MIX.map(([kind, percent]) => `${percent} % ${kind}`).join(', ');

const BATCH = 50;
const PAGES_OF_IDS = 20;

const IDS = `query ($after: String) {
  gallery(first: 100, after: $after, filter: { status: READY }) {
    edges { node { id } }
    pageInfo { endCursor hasNextPage }
  }
}`;

const PAGE = `query ($after: String) {
  gallery(first: 50, after: $after) {
    edges { node { id status fileName thumbhash thumbnail { downloadUrl expiresAt } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface Traffic {
  next(): Call;
}

interface IdPage {
  data: {
    gallery: {
      edges: { node: { id: string } }[];
      pageInfo: { endCursor: string; hasNextPage: boolean };
    };
  };
}

function graphql(query: string, after: string | null): Call {
  return {
    method: 'POST',
    path: '/graphql',
    body: JSON.stringify({ query, variables: { after } }),
  };
}

/** Reads some ids, then mixes calls: the same ones in the same order each time. Rejects without ids. */
export async function makeTraffic(sender: Sender): Promise<Traffic> {
  const ids: string[] = [];
  const cursors: (string | null)[] = [null];
  for (let page = 0; page < PAGES_OF_IDS; page += 1) {
    const { data } = (await sender.json(graphql(IDS, cursors.at(-1) ?? null))) as IdPage;
    ids.push(...data.gallery.edges.map(({ node }) => node.id));
    if (!data.gallery.pageInfo.hasNextPage) break;
    cursors.push(data.gallery.pageInfo.endCursor);
  }
  if (ids.length < BATCH)
    throw new Error(`there are ${ids.length} READY images, it takes ${BATCH}`);

  const random = seededRandom();
  const anyOf = <Item>(items: Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const make: Record<Kind, () => Call> = {
    'one signed URL': () => ({
      method: 'GET',
      path: `/api/image/v1/serve/get-signed-url/${anyOf(ids)}`,
    }),
    '50 signed URLs': () => {
      const start = Math.floor(random() * (ids.length - BATCH + 1));
      const body = JSON.stringify({ image_ids: ids.slice(start, start + BATCH) });
      return { method: 'POST', path: '/api/image/v1/serve/get-signed-urls', body };
    },
    'an ingest URL': () => ({
      method: 'POST',
      path: '/api/image/v1/ingest/create-presigned-url',
      body: '{"content_type":"image/jpeg","file_name":"load.jpg"}',
    }),
    'a GraphQL page of 50': () => graphql(PAGE, anyOf(cursors)),
  };
  return {
    next() {
      let left = random() * 100;
      for (const [kind, percent] of MIX) {
        left -= percent;
        if (left < 0) return make[kind]();
      }
      return make['one signed URL']();
    },
  };
}

/** mulberry32: the same numbers in every run. */
function seededRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
