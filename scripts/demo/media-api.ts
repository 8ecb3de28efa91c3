import { z } from 'zod';
import type { GraphqlClient } from './graphql-client.ts';
import { Problem } from './problem.ts';

/** The most ids that `images(ids:)` takes (schema.graphql). */
export const MAX_IDS_PER_QUERY = 50;

export interface IngestUrl {
  imageId: string;
  uploadUrl: string;
  uploadHeaders: { name: string; value: string }[];
}

export interface ImageState {
  id: string;
  status: string;
  failureReason: string | null;
}

/** The operations of the Media API that a client needs to bring an image in and out again. */
export interface MediaApi {
  /** Throws Problem naming the API's `userErrors`. */
  createIngestUrl(input: {
    contentType: string;
    fileName: string;
    contentLength: number;
  }): Promise<IngestUrl>;
  /** At most MAX_IDS_PER_QUERY ids; ids without an image are left out. */
  imageStates(ids: string[]): Promise<ImageState[]>;
  /** A fresh signed URL. Throws Problem when the image has none. */
  downloadUrl(id: string): Promise<string>;
  /** Throws unless a GraphQL endpoint answers. */
  probe(): Promise<void>;
}

const CREATE_INGEST_URL = `
  mutation DemoIngest($input: CreateImageIngestUrlInput!) {
    createImageIngestUrl(input: $input) {
      image { id }
      uploadUrl
      uploadHeaders { name value }
      userErrors { code message }
    }
  }`;

const createIngestUrlShape = z.object({
  createImageIngestUrl: z.object({
    image: z.object({ id: z.string() }).nullable(),
    uploadUrl: z.string().nullable(),
    uploadHeaders: z.array(z.object({ name: z.string(), value: z.string() })).nullable(),
    userErrors: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
});

const IMAGE_STATES = `
  query DemoStates($ids: [ID!]!) { images(ids: $ids) { id status failureReason } }`;

const imageStatesShape = z.object({
  images: z.array(
    z
      .object({ id: z.string(), status: z.string(), failureReason: z.string().nullable() })
      .nullable(),
  ),
});

const DOWNLOAD_URL = `
  query DemoAccess($id: ID!) { image(id: $id) { access { downloadUrl } } }`;

const downloadUrlShape = z.object({
  image: z.object({ access: z.object({ downloadUrl: z.string() }).nullable() }).nullable(),
});

const probeShape = z.object({ __typename: z.literal('Query') });

export function createMediaApi(graphql: GraphqlClient): MediaApi {
  return {
    async createIngestUrl(input) {
      const data = await graphql(CREATE_INGEST_URL, { input }, createIngestUrlShape);
      const { image, uploadUrl, uploadHeaders, userErrors } = data.createImageIngestUrl;
      if (userErrors.length > 0) {
        throw new Problem(userErrors.map(({ code, message }) => `${code}: ${message}`).join('; '));
      }
      if (image === null || uploadUrl === null) {
        throw new Problem('the API gave neither an upload URL nor a reason');
      }
      return { imageId: image.id, uploadUrl, uploadHeaders: uploadHeaders ?? [] };
    },
    async imageStates(ids) {
      const { images } = await graphql(IMAGE_STATES, { ids }, imageStatesShape);
      return images.filter((image) => image !== null);
    },
    async downloadUrl(id) {
      const { image } = await graphql(DOWNLOAD_URL, { id }, downloadUrlShape);
      const url = image?.access?.downloadUrl;
      if (url === undefined) throw new Problem('the API gave no download URL');
      return url;
    },
    async probe() {
      await graphql('{ __typename }', {}, probeShape);
    },
  };
}
