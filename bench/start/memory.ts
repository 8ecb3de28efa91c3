import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions, BenchRow, Chart } from '../kit/bench.ts';
import { median, tell } from '../kit/rows.ts';
import { type LaunchOptions, launch } from './launched.ts';
import { sendLoad } from './load.ts';
import { residentMib } from './process-usage.ts';

interface MemoryOptions extends Pick<BenchOptions, 'progress' | 'signal'> {
  ids: readonly string[];
  seconds: number;
  requestsPerSecond: number;
}

/** What begins with the start has settled by then, in milliseconds. */
const IDLE_MS = 5_000;
/** A single reading is a matter of when the last garbage collection was. */
const WINDOW_SECONDS = 5;

/** The resident memory of one process, before and during a load. */
export async function measureMemory(
  api: LaunchOptions,
  { ids, seconds, requestsPerSecond, progress, signal }: MemoryOptions,
): Promise<{ rows: BenchRow[]; chart: Chart }> {
  const { pid, port, endedWith, stop } = await launch(api);
  try {
    progress('idle');
    await sleep(IDLE_MS, undefined, { ...(signal && { signal }) });
    const idle = await residentMib(pid);
    const points = [{ x: 0, y: idle }];
    await sendLoad({
      ...{ port, ids, requestsPerSecond, seconds },
      async onSecond(second) {
        progress(`second ${second} of ${seconds} of load`);
        points.push({ x: second, y: await residentMib(pid) });
      },
    });
    const around = (second: number) =>
      median(
        points.filter(({ x }) => x > second - WINDOW_SECONDS && x <= second).map(({ y }) => y),
      );
    const early = Math.round(seconds / 3);
    const load = `${seconds} s of ${requestsPerSecond} requests a second`;
    return {
      rows: [
        tell('resident memory, idle', 'MiB', idle),
        tell(`resident memory after ${load}`, 'MiB', around(seconds)),
        tell(`drift from second ${early} to ${seconds}`, 'MiB', around(seconds) - around(early)),
      ],
      chart: chartOf(points, requestsPerSecond),
    };
  } catch (error) {
    const end = endedWith();
    if (end === null) throw error;
    throw new Error(`the process ended with ${end} under load`, { cause: error });
  } finally {
    await stop();
  }
}

function chartOf(points: { x: number; y: number }[], requestsPerSecond: number): Chart {
  return {
    name: 'memory',
    title: `Memory of an API process at ${requestsPerSecond} requests a second`,
    x: { title: 'seconds', scale: 'linear' },
    y: { title: 'MiB resident', scale: 'linear' },
    series: [{ name: 'resident memory', points }],
  };
}
