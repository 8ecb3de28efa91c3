import { makeNormalize } from '../features/wishlist/normalize.ts';
import { runNormalizeCommand } from '../features/wishlist/normalize-command.ts';
import type { CommandIo } from '../shared/command.ts';
import type { NormalizeWishlistConfig } from '../shared/config.ts';
import { createDatabase } from '../shared/database.ts';
import type { Logger } from '../shared/logger.ts';
import { makeWishlistItems } from '../shared/wishlist-items.ts';
import { ownBucket } from './wishlist.ts';

/** One statement at a time. */
const POOL_SIZE = 1;

/** `npm run wishlist:normalize`. Resolves with the exit status. */
export function normalizeWishlistCommand(
  argv: string[],
  io: CommandIo,
  configure: () => Promise<{ config: NormalizeWishlistConfig; logger: Logger }>,
): Promise<number> {
  return runNormalizeCommand(argv, io, async () => {
    const { config, logger } = await configure();
    const { DATABASE_URL: databaseUrl } = config;
    const database = createDatabase({ databaseUrl, poolSize: POOL_SIZE, logger });
    const pictures = makeWishlistItems(database);
    return {
      normalize: makeNormalize({ pictures, own: ownBucket(config), logger }),
      close: () => database.$disconnect(),
    };
  });
}
