import { joinCluster } from '../shared/cluster/member.ts';
import type { ApiConfig } from '../shared/config.ts';
import { pingDatabase } from '../shared/database.ts';
import type { Logger } from '../shared/logger.ts';
import { startApi } from './api.ts';

/**
 * How long callers may take to notice that their connection is closed after the next answer, in
 * milliseconds: nobody told a load balancer that it should not use them any more.
 */
const LONGEST_GOODBYE_MS = 10_000;

export interface ApiMember {
  askedToStop: Promise<unknown>;
  close(): Promise<void>;
}

/** Starts one of several API processes, which tells its metrics to the primary. */
export async function startApiMember(
  config: ApiConfig,
  { logger }: { logger: Logger },
): Promise<ApiMember> {
  const primary = joinCluster(() => api.telemetry.samples());
  const api = await startApi(
    { ...config, METRICS_PORT: undefined },
    {
      logger,
      // Without a database there is nothing to gain from taking the place of a working process.
      ...(primary.isReplacement && { beforeListening: ({ database }) => pingDatabase(database) }),
    },
  );
  if (config.METRICS_PORT !== undefined) api.telemetry.watchProcess();
  primary.ready(api.port);
  let goodbyeMs = 0;
  const askedToStop = primary.askedToStop.then(({ replaced }) => {
    const share = (config.SHUTDOWN_TIMEOUT_SECS * 1000) / 2;
    if (replaced) goodbyeMs = Math.min(LONGEST_GOODBYE_MS, share);
  });

  return {
    askedToStop,
    async close() {
      await api.close({ goodbyeMs });
      await primary.leave(await api.telemetry.samples());
    },
  };
}
