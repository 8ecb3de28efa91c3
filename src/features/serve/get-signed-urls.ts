import { DomainError } from '../../domain/domain-error.ts';
import { FAILURE_REASONS } from '../../domain/image-status.ts';
import type { ImageAccess } from '../../shared/cdn-signer.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { RequestContext } from '../../shared/request-context.ts';
import { findImage, findImages } from './find-images.ts';
import { accessOf } from './image-access.ts';

export interface SignedImage {
  id: string;
  access: ImageAccess;
}

export interface SignedImages {
  /** In the order in which their ids came first. */
  items: SignedImage[];
  /** Ids without an image that can be read: unknown, pending or failed. */
  notFound: string[];
}

type Loaders = RequestContext['loaders'];

/**
 * The signed URL of one image. Throws DomainError("IMAGE_NOT_FOUND", "IMAGE_NOT_AVAILABLE" while it
 * is pending, "IMAGE_FAILED").
 */
export async function getSignedUrl(loaders: Loaders, id: string): Promise<SignedImage> {
  const image = await findImage(loaders, id);
  const access = image && (await accessOf(loaders, image));
  if (!access) throw whyUnreadable(image);
  return { id, access };
}

/**
 * The signed URLs of up to 50 images; an id that is there twice counts once. Throws DomainError
 * ("EMPTY_ID_LIST", "TOO_MANY_IDS").
 */
export async function getSignedUrls(
  loaders: Loaders,
  ids: readonly string[],
): Promise<SignedImages> {
  if (ids.length === 0) throw new DomainError('EMPTY_ID_LIST', 'at least one id is required');
  const images = await findImages(loaders, ids);
  const imageById = new Map(ids.map((id, index) => [id, images[index] ?? null]));
  const accesses = await Promise.all(
    Array.from(imageById.values(), (image) => image && accessOf(loaders, image)),
  );
  const items: SignedImage[] = [];
  const notFound: string[] = [];
  for (const [index, id] of [...imageById.keys()].entries()) {
    const access = accesses[index];
    if (access) items.push({ id, access });
    else notFound.push(id);
  }
  return { items, notFound };
}

function whyUnreadable(image: ImageRecord | null): DomainError {
  if (!image) return new DomainError('IMAGE_NOT_FOUND', 'image not found');
  if (image.failureReason) {
    const words = FAILURE_REASONS[image.failureReason];
    return new DomainError('IMAGE_FAILED', `image failed validation: ${words}`);
  }
  return new DomainError('IMAGE_NOT_AVAILABLE', 'image is not yet available');
}
