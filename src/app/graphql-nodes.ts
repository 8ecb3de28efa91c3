import { findImage } from '../features/serve/find-images.ts';
import { findItem } from '../features/wishlist/find-items.ts';
import type { ImageRecord } from '../shared/image-records.ts';
import type { RequestContext } from '../shared/request-context.ts';
import type { WishlistItem } from '../shared/wishlist-items.ts';

type NodeObject = ImageRecord | WishlistItem;

/** `Query.node`: an image, or an item of who asks. Ids are ULIDs, so no two things share one. */
export async function findNode(
  _parent: unknown,
  { id }: { id: string },
  { loaders }: RequestContext,
): Promise<NodeObject | null> {
  return (await findImage(loaders, id)) ?? findItem(loaders, id);
}

export function typeOfNode(node: NodeObject): 'Image' | 'WishlistItem' {
  return 'userId' in node ? 'WishlistItem' : 'Image';
}
