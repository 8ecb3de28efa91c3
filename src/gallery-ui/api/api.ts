import type { CreateImageIngestUrlInput, UserErrorCode } from '../../generated/gallery/graphql.ts';
import type { Filter, GalleryQuery } from '../model.ts';
import type { Problem } from '../problems.ts';
import {
  CreateUpload,
  DeleteImages,
  GalleryCount,
  GalleryPage,
  ImageAccesses,
  ImagesById,
} from './documents.graphql.ts';
import type { Answer, Execute } from './execute.ts';
import { type Received, type SignedUrl, toReceived, toSignedUrl } from './images.ts';
import type { ServerClock } from './server-clock.ts';

/** The most ids that the service takes at a time. */
export const MAX_IDS = 50;

export interface Page {
  images: Received[];
  /** Where the next page begins; null when there is none. */
  next: string | null;
}

/** Where to put a file, and how. */
export interface UploadTarget {
  received: Received;
  url: string;
  headers: { name: string; value: string }[];
  /** Milliseconds since 1970 by the service's clock. */
  expiresAt: number;
}

export interface Refusal {
  code: UserErrorCode;
  message: string;
}

/** What the page asks of the service. Nothing here rejects: a problem is an answer. */
export interface Api {
  page(query: GalleryQuery, first: number, after: string | null): Promise<Answer<Page>>;
  count(filter: Filter): Promise<Answer<number>>;
  /** At most `MAX_IDS`; aligned with them, null where there is no such image. */
  images(ids: string[]): Promise<Answer<(Received | null)[]>>;
  /** The full pictures, likewise; null also for what is not READY. */
  accesses(ids: string[]): Promise<Answer<(SignedUrl | null)[]>>;
  createUpload(
    file: Pick<CreateImageIngestUrlInput, 'contentType' | 'fileName'> & { contentLength: number },
  ): Promise<Answer<UploadTarget | Refusal>>;
  /** At most `MAX_IDS`. Those there are not are no problem. */
  deleteImages(ids: string[]): Promise<Answer<void>>;
}

export function isRefusal(target: UploadTarget | Refusal): target is Refusal {
  return 'code' in target;
}

export function createApi(execute: Execute, clock: ServerClock): Api {
  return {
    async page({ filter, order }, first, after) {
      const answer = await execute(GalleryPage, { first, after, filter, order });
      return mapAnswer(answer, ({ gallery: { edges, pageInfo } }) => ({
        images: edges.map(({ node }) => toReceived(node, clock.now())),
        next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
      }));
    },
    async count(filter) {
      return mapAnswer(await execute(GalleryCount, { filter }), (data) => data.gallery.totalCount);
    },
    async images(ids) {
      return mapAnswer(await execute(ImagesById, { ids }), ({ images }) =>
        images.map((image) => image && toReceived(image, clock.now())),
      );
    },
    async accesses(ids) {
      return mapAnswer(await execute(ImageAccesses, { ids }), ({ images }) =>
        images.map((image) => (image?.access ? toSignedUrl(image.access, clock.now()) : null)),
      );
    },
    async createUpload(file) {
      const answer = await execute(CreateUpload, { input: file });
      if (!answer.ok) return answer;
      const { image, uploadUrl, uploadHeaders, expiresAt, userErrors } =
        answer.data.createImageIngestUrl;
      const [refusal] = userErrors;
      if (refusal !== undefined) return { ok: true, data: refusal };
      if (!(image && uploadUrl && uploadHeaders && expiresAt)) return UNWELL;
      const received = toReceived(image, clock.now());
      const expires = Date.parse(expiresAt);
      return {
        ok: true,
        data: { received, url: uploadUrl, headers: uploadHeaders, expiresAt: expires },
      };
    },
    async deleteImages(ids) {
      const answer = await execute(DeleteImages, { ids });
      if (!answer.ok) return answer;
      return answer.data.deleteImages.userErrors.length === 0
        ? { ok: true, data: undefined }
        : UNWELL;
    },
  };
}

const UNWELL: { ok: false; problem: Problem } = { ok: false, problem: { kind: 'unwell' } };

function mapAnswer<From, To>(answer: Answer<From>, map: (data: From) => To): Answer<To> {
  return answer.ok ? { ok: true, data: map(answer.data) } : answer;
}
