import type { SubscriptionResolvers } from '../../generated/graphql.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { WatchImages } from './watch-images.ts';

export interface LiveResolverDeps {
  watchImages: WatchImages;
}

export function makeLiveResolvers({ watchImages }: LiveResolverDeps): {
  Subscription: SubscriptionResolvers;
} {
  return {
    Subscription: {
      imageStatusChanged: {
        subscribe: (_parent, { ids }) => watchImages(ids),
        resolve: (image: ImageRecord) => image,
      },
    },
  };
}
