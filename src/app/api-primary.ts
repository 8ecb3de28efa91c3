import { ProcessEnded } from '../shared/cluster/cluster-process.ts';
import { type Supervisor, startSupervisor } from '../shared/cluster/supervisor.ts';
import type { ApiConfig } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import { AlreadyTold } from '../shared/process.ts';
import { createApiMetrics } from './api-metrics.ts';
import { startMetricsServer } from './metrics-server.ts';

/** A process gets this on top of its own time to stop before it is killed, in milliseconds. */
const STOP_GRACE_MS = 1_500;
/** Each listens for changes of images on a connection beside its pool. */
const LISTENING_CONNECTIONS = 1;

/** The process above API_PROCESSES others, that serves nothing but their metrics. */
export interface ApiPrimary {
  /** Replaces all processes, one after the other. */
  reload(): void;
  close(): Promise<void>;
}

/**
 * Starts API_PROCESSES processes on one port, and metrics of all of them on another. Rejects when
 * the first cannot start, or METRICS_PORT cannot be had.
 */
export async function startApiPrimary(
  config: ApiConfig,
  { logger }: { logger: Logger },
): Promise<ApiPrimary> {
  const { API_PROCESSES: count, METRICS_PORT: port, HOST: host } = config;
  // What starts is new already, and ending is what SIGHUP does where nobody listens to it.
  process.on('SIGHUP', () => {});
  let supervisor: Supervisor | null = null;
  const telemetry = createApiMetrics(() => supervisor?.processes() ?? []);
  const metrics =
    port === undefined
      ? null
      : await startMetricsServer({ variable: 'METRICS_PORT', host, port, telemetry, logger });
  try {
    supervisor = await startSupervisor({
      count,
      stopTimeoutMs: config.SHUTDOWN_TIMEOUT_SECS * 1000 + STOP_GRACE_MS,
      logger,
      onEnded: telemetry.processEnded,
    });
  } catch (error) {
    await metrics?.close();
    // It has written why to standard error; one that was killed could not.
    throw error instanceof ProcessEnded && error.ending === 1 ? new AlreadyTold() : error;
  }
  const { reload, close } = supervisor;
  const databaseConnections = count * (config.DATABASE_POOL_SIZE + LISTENING_CONNECTIONS);
  logger.info({ processes: count, databaseConnections }, 'api.primary_started');

  return {
    reload,
    async close() {
      await close();
      await metrics?.close();
    },
  };
}
