import type { ImageAccess } from '../../shared/cdn-signer.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { RequestContext } from '../../shared/request-context.ts';

type Loaders = Pick<RequestContext['loaders'], 'access'>;

/** How to read the picture; null unless the image is ready. */
export async function accessOf(loaders: Loaders, image: ImageRecord): Promise<ImageAccess | null> {
  if (image.status !== 'ready') return null;
  return loaders.access.load({ key: image.objectKey, versionId: image.versionId });
}
