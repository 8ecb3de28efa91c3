import type { BenchRow, Chart, Goal } from '../kit/bench.ts';
import { compare } from '../kit/rows.ts';
import type { PageSample } from './messages.ts';
import type { Surroundings } from './surroundings.ts';

const MEBIBYTE = 1024 * 1024;
/** So small that garbage has to go. */
const BOUNDED = ['--max-old-space-size=80', '--max-semi-space-size=2'];
const LIVE_GOAL: Goal = { atMost: 1.1 };
const RESIDENT_GOAL: Goal = { atMost: 1.2 };

export interface MemoryOptions {
  objects: number;
  progress(text: string): void;
}

export interface MemoryResult {
  rows: BenchRow[];
  charts: Chart[];
  notes: string[];
}

/** What is alive, and what is resident, over ever more objects. */
export async function measureMemory(
  surroundings: Surroundings,
  { objects, progress }: MemoryOptions,
): Promise<MemoryResult> {
  /** A process of its own for each: what has been resident is not given back. */
  async function runOver(execArgv: string[]): Promise<PageSample[]> {
    await surroundings.spoil(objects);
    const contestant = await surroundings.start('audit', execArgv);
    const { pages } = await contestant.run(objects);
    await contestant.stop();
    progress(`memory with ${execArgv.join(' ') || 'defaults'}`);
    return pages;
  }
  const live = line(await runOver(['--expose-gc']), ({ liveHeapBytes }) => liveHeapBytes ?? 0);
  const bounded = line(await runOver(BOUNDED), ({ peakRssBytes }) => peakRssBytes);
  const usual = line(await runOver([]), ({ peakRssBytes }) => peakRssBytes);

  const few = objects / 10;
  const row = (of: string, points: Point[], goal: Goal | null): BenchRow => {
    const [ours, limit] = [at(points, objects), at(points, few)];
    const what = `${of} after ${objects} objects, against after ${few}`;
    return compare({ what, unit: 'MiB', ours, limit, goal });
  };
  return {
    rows: [
      row('live heap', live, LIVE_GOAL),
      row('resident at most, with a heap of 80 MB', bounded, RESIDENT_GOAL),
      row("resident at most, with Node's own heap limits", usual, null),
    ],
    charts: [
      {
        name: 'audit-memory',
        title: 'Memory of the format audit',
        x: { title: 'objects looked at', scale: 'linear' },
        y: { title: 'MiB', scale: 'linear' },
        series: [
          { name: 'resident at most, own limits', points: usual },
          { name: 'resident at most, heap of 80 MB', points: bounded },
          { name: 'live heap after collection', points: live },
        ],
      },
    ],
    notes: [
      `Live heap is what is left after a garbage collection that is forced at the end of each page: that is what would grow if anything leaked. Resident memory includes garbage that Node has had no reason to collect yet; with ${BOUNDED.map((option) => `\`${option}\``).join(' ')} it has one. A container's memory limit has the same effect.`,
    ],
  };
}

interface Point {
  x: number;
  y: number;
}

function line(pages: readonly PageSample[], bytes: (page: PageSample) => number): Point[] {
  return pages.map((page) => ({ x: page.objects, y: bytes(page) / MEBIBYTE }));
}

/** At the end of the page with that object. */
function at(points: readonly Point[], objects: number): number {
  return points.find(({ x }) => x >= objects)?.y ?? Number.NaN;
}
