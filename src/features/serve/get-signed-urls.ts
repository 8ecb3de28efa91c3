import { DomainError } from '../../domain/domain-error.ts';
import { assertNotTooManyIds } from '../../domain/id-list.ts';
import { isImageId } from '../../domain/image-id.ts';
import { FAILURE_REASONS } from '../../domain/image-status.ts';
import type { CdnSigner, CdnTarget, ImageAccess } from '../../shared/cdn-signer.ts';
import type { ImageObject, ImageRecords } from '../../shared/image-records.ts';

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

export interface SignedUrlsDeps {
  records: Pick<ImageRecords, 'findObjects'>;
  signer: Pick<CdnSigner, 'sign'>;
}

export type GetSignedUrl = (id: string) => Promise<SignedImage>;
export type GetSignedUrls = (ids: readonly string[]) => Promise<SignedImages>;

/**
 * The signed URL of one image. Throws DomainError("IMAGE_NOT_FOUND", "IMAGE_NOT_AVAILABLE" while it
 * is pending, "IMAGE_FAILED").
 */
export function makeGetSignedUrl(deps: SignedUrlsDeps): GetSignedUrl {
  return async (id) => {
    const image = (await findObjects(deps, [id])).get(id);
    if (image?.status !== 'ready') throw whyUnreadable(image);
    const [access] = await deps.signer.sign([targetOf(image)]);
    return { id, access: access as ImageAccess };
  };
}

/**
 * The signed URLs of up to 50 images; an id that is there twice counts once. Throws DomainError
 * ("EMPTY_ID_LIST", "TOO_MANY_IDS").
 */
export function makeGetSignedUrls(deps: SignedUrlsDeps): GetSignedUrls {
  return async (ids) => {
    if (ids.length === 0) throw new DomainError('EMPTY_ID_LIST', 'at least one id is required');
    assertNotTooManyIds(ids);
    const wanted = [...new Set(ids)];
    const found = await findObjects(deps, wanted);
    const readable: ImageObject[] = [];
    const notFound: string[] = [];
    for (const id of wanted) {
      const image = found.get(id);
      if (image?.status === 'ready') readable.push(image);
      else notFound.push(id);
    }
    const accesses = await deps.signer.sign(readable.map(targetOf));
    // Aligned, so that there is one for each.
    const items = readable.map(({ id }, index) => ({ id, access: accesses[index] as ImageAccess }));
    return { items, notFound };
  };
}

/** By their ids, each of which is there once. */
async function findObjects(
  { records }: SignedUrlsDeps,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ImageObject>> {
  // Text that is no ULID cannot be the id of anything: no need to ask the database.
  const possible = ids.filter(isImageId);
  return possible.length === 0 ? new Map() : records.findObjects(possible);
}

function targetOf({ objectKey, versionId }: ImageObject): CdnTarget {
  return { key: objectKey, versionId };
}

function whyUnreadable(image: ImageObject | undefined): DomainError {
  if (!image) return new DomainError('IMAGE_NOT_FOUND', 'image not found');
  if (image.failureReason) {
    const words = FAILURE_REASONS[image.failureReason];
    return new DomainError('IMAGE_FAILED', `image failed validation: ${words}`);
  }
  return new DomainError('IMAGE_NOT_AVAILABLE', 'image is not yet available');
}
