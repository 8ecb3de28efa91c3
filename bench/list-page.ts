/**
 * npm run bench:list [-- --rows 10000,1000000,5000000 --rounds N --json FILE]: how long a page of
 * the gallery takes, by the number of images there are: the first page and the 10,000th (or the
 * middle of fewer), under each filter.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ImageId } from '../src/domain/image-id.ts';
import type { ImageFilter, ListQuery } from '../src/shared/image-records/listing.ts';
import { type ImageRecords, makeImageRecords } from '../src/shared/image-records.ts';
import { type ListDatabase, startListDatabase } from './list-database.ts';

const PAGE_SIZE = 50;
const DEEP_PAGE = 10_000;
/** Named statements get their final plan with the sixth execution. */
const WARM_UP_ROUNDS = 8;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000,1000000,5000000' },
    rounds: { type: 'string', default: '25' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const sizes = values.rows.split(',').map(Number);

const ANY: ImageFilter = {
  ...{ status: null, contentType: null, createdAfter: null, createdBefore: null },
  fileNameContains: null,
};

interface Case {
  name: string;
  filter: ImageFilter;
  order?: ListQuery['order'];
}

/** See list-database.ts for who is how many, and where. */
function casesOf({ middle }: ListDatabase): Case[] {
  const named = (fileNameContains: string) => ({ ...ANY, fileNameContains });
  return [
    { name: 'no filter', filter: ANY },
    { name: 'no filter, oldest first', filter: ANY, order: 'oldest' },
    { name: 'status of 99 %', filter: { ...ANY, status: 'ready' } },
    { name: 'status of 1 %, old', filter: { ...ANY, status: 'failed' } },
    { name: 'content type of 85 %', filter: { ...ANY, contentType: 'image/jpeg' } },
    { name: 'content type of 0.1 %', filter: { ...ANY, contentType: 'image/gif' } },
    { name: 'created before', filter: { ...ANY, createdBefore: middle } },
    { name: 'created after', filter: { ...ANY, createdAfter: middle } },
    { name: 'name of 80 %', filter: named('img_') },
    { name: 'name of 0.2 %', filter: named('screenshot') },
    { name: 'name of 20 %, old', filter: named('HOLIDAY') },
    { name: 'name of five', filter: named('needle') },
    { name: 'name of none', filter: named('nowhere') },
    { name: 'two letters of five', filter: named('dl') },
  ];
}

interface Samples {
  name: string;
  place: 'first' | 'deep';
  milliseconds: number[];
  query: ListQuery;
}

function samplesOf(database: ListDatabase): Samples[] {
  const deep = database.idAt(Math.min(PAGE_SIZE * (DEEP_PAGE - 1), database.rows / 2));
  return casesOf(database).flatMap(({ name, filter, order = 'newest' }): Samples[] => {
    const query = { filter, order, before: null, take: 'first', limit: PAGE_SIZE + 1 } as const;
    const id = (order === 'newest' ? deep.fromNewest : deep.fromOldest) as ImageId;
    const after = { id, inclusive: false };
    return [
      { name, place: 'first', milliseconds: [], query: { ...query, after: null } },
      { name, place: 'deep', milliseconds: [], query: { ...query, after } },
    ];
  });
}

interface Contestant {
  records: ImageRecords;
  samples: Samples[];
}

/** Interleaved, so that a change of the machine's pace hits all: sizes, places and filters. */
async function measure(contestants: Contestant[]): Promise<void> {
  const cases = contestants[0]?.samples.length ?? 0;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (let index = 0; index < cases; index += 1) {
      for (const { records, samples } of contestants) {
        const sample = samples[index];
        if (!sample) continue;
        const started = performance.now();
        await records.list(sample.query);
        if (round >= 0) sample.milliseconds.push(performance.now() - started);
      }
    }
  }
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

interface Row {
  name: string;
  /** Medians in milliseconds, by place and number of images. */
  first: number[];
  deep: number[];
}

function toRows(measured: Samples[][]): Row[] {
  const medians = (name: string, place: Samples['place']) =>
    measured.map((samples) => {
      const found = samples.find((each) => each.name === name && each.place === place);
      return median(found?.milliseconds ?? []);
    });
  const names = new Set(measured.flat().map(({ name }) => name));
  return Array.from(names, (name) => ({
    name,
    first: medians(name, 'first'),
    deep: medians(name, 'deep'),
  }));
}

function print(rows: Row[]): void {
  const columns = (texts: string[]) => texts.map((text) => text.padStart(15)).join('');
  console.log(
    'milliseconds'.padEnd(26),
    columns(sizes.flatMap((size) => [`${size} first`, 'deep'])),
    columns(['deep/first', 'most/least']),
  );
  for (const { name, first, deep } of rows) {
    const ratios = [
      (deep.at(-1) ?? 0) / (first.at(-1) ?? 1),
      (first.at(-1) ?? 0) / (first[0] ?? 1),
    ];
    const pairs = first.flatMap((milliseconds, index) => [milliseconds, deep[index] ?? 0]);
    console.log(
      name.padEnd(26),
      columns(pairs.map((each) => each.toFixed(2))),
      columns(ratios.map((ratio) => ratio.toFixed(2))),
    );
  }
}

const databases: ListDatabase[] = [];
try {
  for (const size of sizes) {
    console.error(`filling in ${size} images ...`);
    databases.push(await startListDatabase(size));
  }
  console.error('measuring ...');
  const contestants = databases.map((database) => ({
    records: makeImageRecords(database.client),
    samples: samplesOf(database),
  }));
  await measure(contestants);
  const rows = toRows(contestants.map(({ samples }) => samples));
  print(rows);
  if (values.json) {
    await writeFile(values.json, `${JSON.stringify({ rounds, sizes, rows }, null, 2)}\n`);
  }
} finally {
  for (const database of databases) await database.close();
}
