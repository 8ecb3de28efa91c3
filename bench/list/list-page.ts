import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import type {
  Bench,
  BenchOptions,
  BenchResult,
  BenchRow,
  Chart,
  DetailTable,
  Goal,
} from '../kit/bench.ts';
import { compare, formatNumber, median } from '../kit/rows.ts';
import { type ListCase, listCasesOf, type Place } from './list-cases.ts';
import { type ListDatabase, startListDatabase } from './list-database.ts';

/** Named statements get their final plan with the sixth execution. */
const WARM_UP_ROUNDS = 8;
const ROWS = { initial: '10000,1000000,5000000', meaning: 'numbers of images to compare' };
const FEWEST_ROWS = 1_000;
const FLAT: Goal = { atMost: 1.3 };

/** A page of the gallery among few images and among many, at its beginning and deep in it. */
export const listPageBench: Bench = {
  name: 'list-page',
  title: 'A page of the gallery among the most images, against the same page among the fewest',
  rounds: 25,
  settings: { rows: ROWS },
  async run(options) {
    const sizes = parseSizes(options.settings?.rows ?? ROWS.initial);
    const databases: ListDatabase[] = [];
    try {
      for (const size of sizes) {
        options.progress(`filling in ${formatNumber(size)} images`);
        databases.push(await startListDatabase(size, options.signal));
      }
      return resultOf(sizes, await measure(databases, options));
    } finally {
      for (const database of databases) await database.close();
    }
  },
};

/** @throws Error unless it is two numbers or more, the fewest first */
function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  const rising = sizes.every((size, index) => size > (sizes[index - 1] ?? FEWEST_ROWS - 1));
  if (sizes.length >= 2 && sizes.every(Number.isInteger) && rising) return sizes;
  throw new Error(
    `--rows takes numbers from ${FEWEST_ROWS} upwards, the smallest first: 10000,1000000`,
  );
}

interface Contestant {
  records: ImageRecords;
  cases: (ListCase & { milliseconds: number[] })[];
}

/** Interleaved, so that a change of the machine's pace hits all: sizes, places and filters. */
async function measure(
  databases: ListDatabase[],
  { rounds, progress }: BenchOptions,
): Promise<Contestant['cases'][]> {
  const contestants = databases.map((database): Contestant => {
    const cases = listCasesOf(database).map((each) => ({ ...each, milliseconds: [] }));
    return { records: makeImageRecords(database.client), cases };
  });
  const count = contestants[0]?.cases.length ?? 0;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    for (let index = 0; index < count; index += 1) {
      for (const { records, cases } of contestants) {
        const each = cases[index];
        if (!each) continue;
        const started = performance.now();
        await records.list(each.query);
        if (round >= 0) each.milliseconds.push(performance.now() - started);
      }
    }
  }
  return contestants.map(({ cases }) => cases);
}

/** The medians of one filter at one place, by the number of images. */
interface Medians {
  name: string;
  place: Place;
  milliseconds: number[];
}

function resultOf(sizes: number[], measured: Contestant['cases'][]): BenchResult {
  const all = (measured[0] ?? []).map(
    ({ name, place }, index): Medians => ({
      ...{ name, place },
      milliseconds: measured.map((cases) => median(cases[index]?.milliseconds ?? [])),
    }),
  );
  const unfiltered = all.filter(({ name }) => name === all[0]?.name);
  const [fewest = 0, most = 0] = [sizes[0], sizes.at(-1)];
  return {
    rows: [
      ...unfiltered.map((medians) => growthOf(medians, medians.name, FLAT)),
      // Not for a goal: of many ratios the largest holds the most noise, and ten thousand images hardly
      // make a search by name work (docs/adr/0009).
      steepestOf(
        all.filter(({ name }) => !isNameSearch(name)),
        'other than by name',
      ),
      steepestOf(
        all.filter(({ name }) => isNameSearch(name)),
        'by name',
      ),
    ],
    charts: [chartOf(sizes, all)],
    tables: [tableOf(sizes, all)],
    notes: [
      `Ours is the page among ${formatNumber(most)} images, the limit the same page among ${formatNumber(fewest)}: 1 is flat. ${sizes.length} databases run side by side, each the migrated table in a PostgreSQL of its own, with the images of two years. A deep page is the 10,000th, or the one in the middle of fewer images.`,
      'Wall time through `image-records`, because most of the work is in PostgreSQL, another process; every filter at every place of every database in each round. Of the filters, the lines have the one that grows most: as the largest of many ratios it also collects what noise there is.',
    ],
  };
}

function growth({ milliseconds }: Medians): number {
  return (milliseconds.at(-1) ?? Number.NaN) / (milliseconds[0] ?? Number.NaN);
}

function growthOf({ place, milliseconds }: Medians, what: string, goal: Goal | null): BenchRow {
  return compare({
    what: `${place} page, ${what}`,
    unit: 'ms',
    ours: milliseconds.at(-1) ?? Number.NaN,
    limit: milliseconds[0] ?? Number.NaN,
    goal,
  });
}

function steepestOf(filtered: Medians[], kind: string): BenchRow {
  const [steepest] = filtered.toSorted((a, b) => growth(b) - growth(a));
  if (steepest === undefined) throw new Error('there is nothing to compare');
  return growthOf(steepest, `the steepest filter ${kind} (${steepest.name})`, null);
}

function isNameSearch(name: string): boolean {
  return /^name|letters/.test(name);
}

/** The cheapest way and the dearest, and what the chart calls them. */
const DRAWN = new Map([
  ['no filter', 'all images'],
  ['name of none', 'a name that none has'],
]);

function chartOf(sizes: number[], all: Medians[]): Chart {
  return {
    name: 'list-page',
    title: 'A page of the gallery by the number of images',
    x: { title: 'images', scale: 'log' },
    y: { title: 'milliseconds a page', scale: 'log' },
    series: all
      .filter(({ name }) => DRAWN.has(name))
      .map(({ name, place, milliseconds }) => ({
        name: `${place} page, ${DRAWN.get(name)}`,
        points: sizes.map((x, index) => ({ x, y: milliseconds[index] ?? Number.NaN })),
      })),
  };
}

function tableOf(sizes: number[], all: Medians[]): DetailTable {
  const columns = sizes.map((size) => `ms at ${formatNumber(size)}`);
  return {
    title: 'Every filter',
    columns: ['page', ...columns, 'most/fewest'],
    rows: all.map((medians) => [
      `${medians.place}, ${medians.name}`,
      ...medians.milliseconds.map(formatNumber),
      growth(medians).toFixed(2),
    ]),
  };
}
