import { createClient } from 'graphql-sse';
import type { ImageStatusChangedSubscription } from '../../generated/gallery/graphql.ts';
import type { Environment } from '../environment.ts';
import { ImageStatusChanged } from './documents.graphql.ts';
import { type Received, toReceived } from './images.ts';
import type { ServerClock } from './server-clock.ts';

export interface StreamListener {
  /** First every image as it is, then each when its status changes. */
  onImage(received: Received): void;
  /** None of them can change any more. */
  onComplete(): void;
  /** Broken, or never there. */
  onBroken(): void;
}

/** Opens one stream for these ids; the function it returns closes it, silently. */
export type OpenStream = (ids: string[], listener: StreamListener) => () => void;

/** GraphQL over server-sent events: one connection a stream. */
export function makeOpenStream(
  env: Pick<Environment, 'fetch' | 'baseUrl'>,
  clock: ServerClock,
): OpenStream {
  const client = createClient({
    url: new URL('graphql/stream', env.baseUrl).href,
    fetchFn: env.fetch,
    // Whoever opened the stream knows which ids are worth another one.
    retryAttempts: 0,
  });
  return (ids, { onImage, onComplete, onBroken }) => {
    let open = true;
    const ifOpen = (tell: () => void) => () => {
      if (!open) return;
      open = false;
      tell();
    };
    const broken = ifOpen(onBroken);
    const close = client.subscribe<ImageStatusChangedSubscription>(
      { query: ImageStatusChanged.toString(), variables: { ids } },
      {
        next({ data, errors }) {
          if (!open) return;
          if (data) onImage(toReceived(data.imageStatusChanged, clock.now()));
          else if (errors) broken();
        },
        complete: ifOpen(onComplete),
        error: broken,
      },
    );
    return () => {
      open = false;
      close();
    };
  };
}
