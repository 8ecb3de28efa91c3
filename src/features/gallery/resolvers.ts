import type {
  ImageConnectionResolvers,
  ImageOrderResolvers,
  PageInfoResolvers,
  QueryResolvers,
} from '../../generated/graphql.ts';
import type { ListImages } from './list-images.ts';

export interface GalleryResolverDeps {
  listImages: ListImages;
}

interface GalleryResolvers {
  Query: Pick<QueryResolvers, 'gallery'>;
  ImageConnection: Pick<ImageConnectionResolvers, 'totalCount'>;
  ImageOrder: ImageOrderResolvers;
  PageInfo: Pick<PageInfoResolvers, 'hasNextPage' | 'hasPreviousPage'>;
}

export function makeGalleryResolvers({ listImages }: GalleryResolverDeps): GalleryResolvers {
  return {
    Query: {
      gallery: (_parent, args) => listImages(args),
    },
    ImageConnection: { totalCount: (page) => page.countAll() },
    ImageOrder: { NEWEST: 'newest', OLDEST: 'oldest' },
    PageInfo: {
      hasNextPage: ({ hasNextPage: has }) => (typeof has === 'function' ? has() : has),
      hasPreviousPage: ({ hasPreviousPage: has }) => (typeof has === 'function' ? has() : has),
    },
  };
}
