import { setTimeout as sleep } from 'node:timers/promises';
import { type ListDatabase, startListDatabase } from '../list/list-database.ts';
import type { LoadArguments } from './arguments.ts';
import { holdRate, measureCapacity, type Target } from './levels.ts';
import { createSender, type Sender } from './sender.ts';
import { type Service, startService } from './service.ts';
import { type LevelSummary, recoveryMs, summarise } from './summary.ts';
import { makeTraffic } from './traffic.ts';

/** The contestant with the default configuration. */
export const AS_IT_IS = 'as it is';
/** Percent of capacity. */
export const LEVELS = [50, 80, 100, 150];
const ROWS = 20_000;
const WARM_UP_SECS = 4;
/** Enough to keep every core busy, far too few to overload anything. */
const CLIENTS = 16;
const MEMORY_EVERY_MS = 200;
/** After each level, for what it has left behind. */
const REST_MS = 1_000;

export interface Contestant {
  name: string;
  levels: LevelSummary[];
  /** After the last level; null where it took longer than a level does. */
  recoveryMs: number | null;
}

export interface LoadResult {
  seconds: number;
  /** Requests a second. */
  capacity: number;
  contestants: Contestant[];
}

type RunOptions = Pick<LoadArguments, 'seconds' | 'url' | 'beside'> & {
  signal: AbortSignal;
  progress(text: string): void;
};

interface Running extends Contestant {
  target: Target;
  service: Service | null;
}

/** Rejects when interrupted, after everything that was started has ended. */
export async function runLoad(options: RunOptions): Promise<LoadResult> {
  const { seconds, signal, progress } = options;
  const closing: (() => unknown)[] = [];
  try {
    const running = await start(options, closing);
    for (const { target } of running) {
      await measureCapacity(target, { clients: CLIENTS, seconds: WARM_UP_SECS, signal });
    }
    progress('measuring capacity ...');
    // Of the one as it is by default: all of them have to bear the same.
    const capacity = await measureCapacity(first(running).target, {
      ...{ clients: CLIENTS, seconds, signal },
    });
    progress(`capacity: ${Math.round(capacity)} requests a second`);
    for (const percent of LEVELS) {
      for (const each of running) {
        progress(`${percent} % of it: ${each.name} ...`);
        each.recoveryMs = await measureLevel(each, { percent, capacity, seconds, signal });
        await sleep(REST_MS, undefined, { signal });
      }
    }
    const contestants = running.map(({ name, levels, recoveryMs }) => ({
      ...{ name, levels, recoveryMs },
    }));
    return { seconds, capacity, contestants };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function start(options: RunOptions, closing: (() => unknown)[]): Promise<Running[]> {
  const { url, beside, signal, progress } = options;

  async function connect(name: string, service: Service | null, at: URL): Promise<Running> {
    const sender: Sender = createSender(at);
    closing.push(() => sender.close());
    const target = { sender, traffic: await makeTraffic(sender) };
    return { name, target, service, levels: [], recoveryMs: null };
  }

  if (url) return [await connect(url.host, null, url)];
  progress(`starting PostgreSQL with ${ROWS} images, and the API ...`);
  const database: ListDatabase = await startListDatabase(ROWS);
  closing.push(() => database.close());
  signal.throwIfAborted();
  const ways: [string, Record<string, string>][] = [[AS_IT_IS, {}]];
  for (const limit of beside) {
    const name = limit === 0 ? 'not shedding' : `API_MAX_IN_FLIGHT=${limit}`;
    ways.push([name, { API_MAX_IN_FLIGHT: String(limit) }]);
  }
  const running: Running[] = [];
  for (const [name, environment] of ways) {
    const service = await startService(database.databaseUrl, environment);
    closing.push(() => service.stop());
    running.push(await connect(name, service, service.url));
  }
  return running;
}

/** Adds the level to the others; after the last and worst, without a pause, how soon it is over. */
async function measureLevel(
  { target, service, levels }: Running,
  level: { percent: number; capacity: number; seconds: number; signal: AbortSignal },
): Promise<number | null> {
  const { percent, capacity, seconds, signal } = level;
  const calm = first(LEVELS);
  const memory = watchMemory(service);
  const cpuBefore = (await service?.cpuSeconds()) ?? Number.NaN;
  try {
    const { sent, over } = holdRate(target, { rate: (capacity * percent) / 100, seconds, signal });
    await sent;
    const after =
      percent === LEVELS.at(-1) &&
      holdRate(target, { rate: (capacity * calm) / 100, seconds, signal });
    const samples = await over;
    const peakMemoryMib = memory.stop();
    signal.throwIfAborted();
    const cpuSeconds = ((await service?.cpuSeconds()) ?? Number.NaN) - cpuBefore;
    levels.push(summarise(samples, { percent, seconds, peakMemoryMib, cpuSeconds }));
    return after ? recoveryMs(await after.over, levels[0]?.p50 ?? Number.NaN) : null;
  } finally {
    memory.stop();
  }
}

/** Keeps the highest, in MiB. */
function watchMemory(service: Service | null): { stop(): number } {
  let peak = Number.NaN;
  const timer = setInterval(async () => {
    const memory = (await service?.memory()) ?? Number.NaN;
    if (!(memory <= peak)) peak = memory;
  }, MEMORY_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function first<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error('there is none');
  return item;
}
