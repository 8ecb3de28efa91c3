import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from './parts.ts';
import { findFreePort } from './ports.ts';

const ORDER = [
  'api',
  'edge',
  's3',
  'sqs',
  'postgres',
  'apiMetrics',
  'workerHealth',
  'cloudfront',
] as const;
const HIGHEST_PORT = 65_535;
/** How long the processes of a killed stack may take to give their ports back, in milliseconds. */
const RELEASE_MS = 15_000;

export interface ChosenPorts {
  ports: Ports;
  /** What had to give way, in words. */
  moved: string[];
}

/**
 * A port for each part from `first` upwards; what is taken is moved behind them. After an unclean
 * end, the old processes are given a moment to leave before anything is moved.
 */
export async function choosePorts(first: number, afterCrash: boolean): Promise<ChosenPorts> {
  const deadline = Date.now() + (afterCrash ? RELEASE_MS : 0);
  for (;;) {
    const chosen = await tryPorts(first);
    if (chosen.moved.length === 0 || Date.now() >= deadline) return chosen;
    await sleep(100);
  }
}

async function tryPorts(first: number): Promise<ChosenPorts> {
  const ports: Ports = {
    api: 0,
    edge: 0,
    s3: 0,
    sqs: 0,
    postgres: 0,
    apiMetrics: 0,
    workerHealth: 0,
    cloudfront: 0,
  };
  const given = new Set<number>();
  const moved: string[] = [];
  for (const [index, part] of ORDER.entries()) {
    const preferred = orAny(first + index);
    let port = await findFreePort(preferred, '127.0.0.1', given);
    if (preferred !== 0 && port !== preferred) {
      // Past all parts, so that one taken port does not push the others along.
      port = await findFreePort(orAny(first + ORDER.length), '127.0.0.1', given);
      moved.push(`port ${preferred} is taken: ${part} is at ${port}`);
    }
    given.add(port);
    ports[part] = port;
  }
  return { ports, moved };
}

/** The first port may be so high that the last parts have none above it: any will do. */
function orAny(port: number): number {
  return port <= HIGHEST_PORT ? port : 0;
}
