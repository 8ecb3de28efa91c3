import type {
  ImageResolvers,
  ImageStatusResolvers,
  QueryResolvers,
} from '../../generated/graphql.ts';
import { findImage, findImages } from './find-images.ts';
import { accessOf, thumbnailOf } from './image-access.ts';

interface ServeResolvers {
  Query: Pick<QueryResolvers, 'image' | 'images'>;
  Image: Pick<ImageResolvers, 'access' | 'thumbnail'>;
  ImageStatus: ImageStatusResolvers;
}

export function makeServeResolvers(): ServeResolvers {
  return {
    Query: {
      image: (_parent, { id }, { loaders }) => findImage(loaders, id),
      images: (_parent, { ids }, { loaders }) => findImages(loaders, ids),
    },
    Image: {
      access: (image, _args, { loaders }) => accessOf(loaders, image),
      thumbnail: (image, _args, { loaders }) => thumbnailOf(loaders, image),
    },
    ImageStatus: { PENDING: 'pending', READY: 'ready', FAILED: 'failed' },
  };
}
