import { imageThumbnailKey } from '../../domain/object-keys.ts';
import type { ImageAccess } from '../../shared/cdn-signer.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { RequestContext } from '../../shared/request-context.ts';

type Loaders = Pick<RequestContext['loaders'], 'access'>;
type Access = ImageAccess | Promise<ImageAccess> | null;

/** How to read the thumbnail; null unless the image is ready and has one. */
export function thumbnailOf(loaders: Loaders, image: ImageRecord): Access {
  // Images that were validated before there were thumbnails have neither.
  if (image.status !== 'ready' || image.thumbhash === null) return null;
  return loaders.access.load({
    key: imageThumbnailKey(image.id),
    versionId: image.thumbnailVersionId,
  });
}

/** How to read the picture; null unless the image is ready. */
export function accessOf(loaders: Loaders, image: ImageRecord): Access {
  if (image.status !== 'ready') return null;
  return loaders.access.load({ key: image.objectKey, versionId: image.versionId });
}
