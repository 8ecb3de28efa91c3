import type { Expectation, PreparedRequest } from './messages.ts';

/** One kind of request, with enough different ids that no cache answers it. */
export interface Job {
  requests: PreparedRequest[];
  expected: Expectation;
  /** How many images one request is about. */
  size: number;
}

const DIFFERENT_REQUESTS = 100;

const ACCESS = 'id status access { downloadUrl expiresAt }';
const QUERIES = {
  image: `query Image($id: ID!) { image(id: $id) { ${ACCESS} } }`,
  images: `query Images($ids: [ID!]!) { images(ids: $ids) { ${ACCESS} } }`,
  ingest: `mutation Ingest($input: CreateImageIngestUrlInput!) {
    createImageIngestUrl(input: $input) {
      uploadUrl expiresAt image { id } userErrors { code message field }
    }
  }`,
};

/** `GET .../get-signed-url/{image_id}` */
export function restOne(ids: string[]): Job {
  const requests = batches(ids, 1).map(
    ([id]) =>
      ({ method: 'GET', path: `/api/image/v1/serve/get-signed-url/${id}`, body: null }) as const,
  );
  return { requests, expected: { status: 200, urls: 1 }, size: 1 };
}

/** `POST .../get-signed-urls` */
export function restMany(ids: string[], size: number): Job {
  const requests = batches(ids, size).map((batch) =>
    post('/api/image/v1/serve/get-signed-urls', { image_ids: batch }),
  );
  return { requests, expected: { status: 200, urls: size }, size };
}

/** `POST .../create-presigned-url` */
export function restIngest(): Job {
  const requests = fileNames().map((name) =>
    post('/api/image/v1/ingest/create-presigned-url', {
      content_type: 'image/jpeg',
      file_name: name,
    }),
  );
  return { requests, expected: { status: 201, urls: 1 }, size: 1 };
}

/** `image(id)` */
export function graphqlOne(ids: string[]): Job {
  const requests = batches(ids, 1).map(([id]) => graphql(QUERIES.image, { id }));
  return { requests, expected: { status: 200, urls: 1 }, size: 1 };
}

/** `images(ids)` */
export function graphqlMany(ids: string[], size: number): Job {
  const requests = batches(ids, size).map((batch) => graphql(QUERIES.images, { ids: batch }));
  return { requests, expected: { status: 200, urls: size }, size };
}

/** `createImageIngestUrl` */
export function graphqlIngest(): Job {
  const requests = fileNames().map((fileName) =>
    graphql(QUERIES.ingest, { input: { contentType: 'image/jpeg', fileName } }),
  );
  return { requests, expected: { status: 200, urls: 1 }, size: 1 };
}

function post(path: string, body: object): PreparedRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function graphql(query: string, variables: object): PreparedRequest {
  return post('/graphql', { query, variables });
}

function fileNames(): string[] {
  return Array.from({ length: DIFFERENT_REQUESTS }, (_, n) => `IMG_${n}.jpg`);
}

function batches(ids: string[], size: number): string[][] {
  return Array.from({ length: DIFFERENT_REQUESTS }, (_, n) =>
    Array.from({ length: size }, (_, place) => ids[(n * size + place) % ids.length] ?? ''),
  );
}
