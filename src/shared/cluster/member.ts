import cluster from 'node:cluster';
import type { Samples } from '../telemetry/samples.ts';
import { REPLACEMENT, type ToMember, type ToPrimary } from './messages.ts';

/** One process of several, as it sees itself. */
export interface ClusterMember {
  /** A working process is stopped once this one is ready, so it must not be ready in vain. */
  isReplacement: boolean;
  /** Resolves when the primary wants this process to end. */
  askedToStop: Promise<{ replaced: boolean }>;
  ready(port: number): void;
  /** Tells the primary the last numbers; resolves when nothing more can come from there. */
  leave(samples: Samples): Promise<void>;
}

/** @param read what this process measures, whenever the primary is asked for everybody's numbers */
export function joinCluster(read: () => Promise<Samples>): ClusterMember {
  const stop = Promise.withResolvers<{ replaced: boolean }>();
  const farewell = Promise.withResolvers<void>();

  // Telling a primary that has just died is an error; Node.js ends this process for that, silently.
  cluster.worker?.on('error', () => {});
  // SIGHUP to a whole process group is for the primary.
  process.on('SIGHUP', () => {});
  process.on('message', (message: ToMember) => {
    if (message.type === 'stop') stop.resolve({ replaced: message.replaced });
    if (message.type === 'farewell') farewell.resolve();
    if (message.type === 'scrape') {
      const { id } = message;
      // Without an answer, the primary goes by what it was told before.
      read().then(
        (samples) => tell({ type: 'samples', id, samples }),
        () => {},
      );
    }
  });

  return {
    isReplacement: process.argv.includes(REPLACEMENT),
    askedToStop: stop.promise,
    ready: (port) => tell({ type: 'ready', port }),
    leave(samples) {
      tell({ type: 'leaving', samples });
      // Connections that the primary handed over before it knew come first, and are given back.
      return farewell.promise;
    },
  };
}

/** Without a channel the primary is gone, and Node.js ends this process. */
function tell(message: ToPrimary): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
