import { Router } from 'express';
import { DomainError } from '../../domain/domain-error.ts';
import { methodNotAllowed, wholeSeconds } from '../../shared/http.ts';
import { contextOf, type RequestContext } from '../../shared/request-context.ts';
import type { WishlistItem } from '../../shared/wishlist-items.ts';
import { getItem, type ListItems } from './find-items.ts';
import type { ShowImage } from './item-image.ts';
import { userOf } from './user.ts';

/** A wishlist is answered in one piece, unless it has grown beyond what one answer should hold. */
const PAGE = { standard: 1000, max: 1000 };

export interface WishlistRouteDeps {
  listItems: ListItems;
  showImage: ShowImage;
}

/** `GET /api/wishlist` and `GET /api/wishlist/{id}` */
export function makeWishlistRoutes({ listItems, showImage }: WishlistRouteDeps): Router {
  async function toJson({ loaders }: RequestContext, item: WishlistItem) {
    const { url, expiresAt } = await showImage(loaders, item);
    return {
      id: item.id,
      title: item.title,
      imageUrl: url,
      imageUrlExpiresAt: expiresAt && wholeSeconds(expiresAt),
      imageId: item.imageId,
      imageUpdatedAt: item.imageUpdatedAt,
      createdAt: item.createdAt,
      updatedAt: item.updatedAt,
    };
  }

  const router = Router();
  router
    .route('/')
    .get(async (request, response) => {
      const context = contextOf(response);
      const userId = userOf(context);
      const { first, after } = request.query;
      const page = { first: numberOf(first), after: textOf(after, 'after') };
      const { edges, pageInfo } = await listItems(userId, page, PAGE);
      const items = await Promise.all(edges.map(({ node }) => toJson(context, node)));
      response.json({ items, ...(pageInfo.hasNextPage && { nextCursor: pageInfo.endCursor }) });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/:id')
    .get(async (request, response) => {
      const context = contextOf(response);
      userOf(context);
      response.json(await toJson(context, await getItem(context.loaders, request.params.id)));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value, 'first');
  return text === undefined ? undefined : /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** A parameter that is there twice is a list. */
function textOf(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new DomainError('INVALID_PAGE_ARGUMENTS', `${field} must be given once`, field);
}
