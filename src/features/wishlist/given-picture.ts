import { isPublicKey, PUBLIC_PREFIX } from '../../domain/cdn-urls.ts';
import { DomainError } from '../../domain/domain-error.ts';
import { isImageId } from '../../domain/image-id.ts';
import { toObjectKey } from '../../domain/key-paths.ts';
import { problemOfText } from '../../domain/printable-text.ts';
import { type OwnBucket, readImageUrl } from '../../domain/s3-urls.ts';
import type { RequestContext } from '../../shared/request-context.ts';
import type { ItemPicture } from '../../shared/wishlist-items.ts';

/** How a client names a picture: one of the three. Undefined is not said, null is none. */
export interface GivenPicture {
  imageKey?: string | null | undefined;
  imageUrl?: string | null | undefined;
  imageId?: string | null | undefined;
}

type Loaders = Pick<RequestContext['loaders'], 'images'>;

const MAX_URL_CHARACTERS = 2048;
export const NO_PICTURE: ItemPicture = { imageKey: null, imageUrl: null, imageId: null };

export type CheckPicture = (loaders: Loaders, given: GivenPicture) => Promise<ItemPicture | null>;

/**
 * The picture that a client means; null where it says nothing about it. Throws DomainError
 * ("CONFLICTING_IMAGES", "INVALID_IMAGE_KEY", "INVALID_IMAGE_URL", "IMAGE_NOT_FOUND").
 */
export function makeCheckPicture(own: OwnBucket): CheckPicture {
  return async (loaders, given) => {
    const named = (['imageKey', 'imageUrl', 'imageId'] as const).filter(
      (name) => given[name] !== undefined,
    );
    const [name, another] = named.filter((candidate) => given[candidate] !== null);
    if (another) {
      throw new DomainError(
        'CONFLICTING_IMAGES',
        `${name} and ${another} exclude each other`,
        another,
      );
    }
    if (!name) return named.length === 0 ? null : NO_PICTURE;
    const value = given[name] ?? '';
    if (name === 'imageKey') return { ...NO_PICTURE, imageKey: checkKey(value) };
    if (name === 'imageUrl') return { ...NO_PICTURE, imageUrl: checkUrl(value, own) };
    if (isImageId(value) && (await loaders.images.one(value))) {
      return { ...NO_PICTURE, imageId: value };
    }
    throw new DomainError('IMAGE_NOT_FOUND', 'image not found', 'imageId');
  };
}

function checkKey(text: string): string {
  const key = toObjectKey(text);
  if (key !== null && isPublicKey(key) && !/\p{Cc}/u.test(key)) return key;
  throw new DomainError(
    'INVALID_IMAGE_KEY',
    `image key must name an object under ${PUBLIC_PREFIX}, without control characters and segments . or ..`,
    'imageKey',
  );
}

function checkUrl(text: string, own: OwnBucket): string {
  const invalid = (problem: string) =>
    new DomainError('INVALID_IMAGE_URL', `image URL ${problem}`, 'imageUrl');
  const problem = problemOfText(text, MAX_URL_CHARACTERS);
  if (problem) throw invalid(problem);
  const reading = readImageUrl(text, own);
  if (reading.kind === 'not-a-url') throw invalid('must be an absolute http or https URL');
  const isHidden = reading.kind === 'own-object' && !isPublicKey(reading.key);
  if (isHidden || reading.kind === 'own-unusable') {
    throw invalid(`must name an object under ${PUBLIC_PREFIX} where it is one of our bucket`);
  }
  return text;
}
