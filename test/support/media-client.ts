/** What a client of the service does, over its public interfaces only. */
export interface MediaClient {
  createIngestUrl(contentType: string, fileName: string): Promise<Ingest>;
  image(id: string): Promise<ClientImage>;
}

export interface Ingest {
  id: string;
  uploadUrl: string;
  headers: Record<string, string>;
}

export interface ClientImage {
  status: 'PENDING' | 'READY' | 'FAILED';
  failureReason: string | null;
  access: { downloadUrl: string } | null;
}

const CREATE = `mutation ($input: CreateImageIngestUrlInput!) {
  createImageIngestUrl(input: $input) {
    image { id } uploadUrl uploadHeaders { name value } userErrors { message }
  }
}`;
const IMAGE = 'query ($id: ID!) { image(id: $id) { status failureReason access { downloadUrl } } }';

interface CreatePayload {
  createImageIngestUrl: {
    image: { id: string };
    uploadUrl: string;
    uploadHeaders: { name: string; value: string }[];
  };
}

/** Both throw when the service has a fault. */
export function connectMediaClient(graphqlUrl: string): MediaClient {
  async function ask<Data>(query: string, variables: object): Promise<Data> {
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer = (await response.json()) as { data: Data; errors?: unknown };
    if (answer.errors || !response.ok) throw new Error(JSON.stringify(answer));
    return answer.data;
  }

  return {
    async createIngestUrl(contentType, fileName) {
      const { createImageIngestUrl: payload } = await ask<CreatePayload>(CREATE, {
        input: { contentType, fileName },
      });
      const headers = payload.uploadHeaders.map(({ name, value }) => [name, value]);
      return {
        id: payload.image.id,
        uploadUrl: payload.uploadUrl,
        headers: Object.fromEntries(headers),
      };
    },
    image: async (id) => (await ask<{ image: ClientImage }>(IMAGE, { id })).image,
  };
}

/** Uploads as told; resolves with the id of the version that was stored. */
export async function putBytes(
  { uploadUrl, headers }: Ingest,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const response = await fetch(uploadUrl, { method: 'PUT', headers, body: bytes });
  const text = await response.text();
  if (!response.ok) throw new Error(`the upload was refused: ${response.status} ${text}`);
  return response.headers.get('x-amz-version-id') ?? '';
}

export async function getBytes(url: string): Promise<{ status: number; bytes: Buffer }> {
  const response = await fetch(url);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}
