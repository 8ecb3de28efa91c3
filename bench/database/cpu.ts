import { readFile } from 'node:fs/promises';
import type { ImageId } from '../../src/domain/image-id.ts';
import type { Database } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import type { Bench } from '../kit/bench.ts';
import { median, tell } from '../kit/rows.ts';
import { type ListDatabase, startListDatabase } from '../list/list-database.ts';

const ROWS = 100_000;
const LARGEST_BATCH = 50;
/** How often in a round: Linux counts CPU time in hundredths of a second. */
const TIMES = 2_000;
const MICROSECONDS_A_TICK = 10_000;

interface Work {
  what: string;
  once(turn: number): Promise<unknown>;
  microseconds: number[];
}

/** What a request costs the database: `npm run bench -- database-cpu`. Linux only. */
export const databaseCpuBench: Bench = {
  name: 'database-cpu',
  title: 'CPU time of PostgreSQL for each read and write of image records',

  async run({ rounds, progress, signal }) {
    progress(`filling in ${ROWS} images`);
    const database = await startListDatabase(ROWS, signal);
    try {
      const backend = await backendOf(database.client);
      const works = worksOn(database);
      // The first round warms up: caches, and the plans of named statements.
      for (let round = 0; round <= rounds; round += 1) {
        for (const { once, microseconds } of works) {
          const before = await cpuTicks(backend);
          for (let turn = 0; turn < TIMES; turn += 1) await once(turn);
          const ticks = (await cpuTicks(backend)) - before;
          if (round > 0) microseconds.push((ticks * MICROSECONDS_A_TICK) / TIMES);
        }
        progress(`round ${round} of ${rounds}`);
      }
      return {
        rows: works.map(({ what, microseconds }) =>
          tell(what, 'CPU µs of PostgreSQL', median(microseconds)),
        ),
        notes: [
          'Of the one process of PostgreSQL that serves the connection, all in memory, without fsync: ' +
            'the writers of the log, checkpoints and vacuum come on top.',
        ],
      };
    } finally {
      await database.close();
    }
  },
};

function worksOn({ client, idAt }: ListDatabase): Work[] {
  const records = makeImageRecords(client);
  const created: ImageId[] = [];
  /** Spread over the table, and others each time. */
  const idsFor = (turn: number, count: number) =>
    Array.from(
      { length: count },
      (_, n) => idAt((turn * 7919 + n * 1999) % (ROWS - 1)).fromOldest as ImageId,
    );
  return [
    { what: 'read 1', once: (turn) => records.findMany(idsFor(turn, 1)), microseconds: [] },
    {
      what: `read ${LARGEST_BATCH}`,
      once: (turn) => records.findMany(idsFor(turn, LARGEST_BATCH)),
      microseconds: [],
    },
    { what: 'insert', once: () => insert(records, created), microseconds: [] },
    { what: 'pending to ready', once: () => markReady(records, created), microseconds: [] },
  ];
}

async function insert(records: ImageRecords, created: ImageId[]): Promise<void> {
  const id = newImageId();
  created.push(id);
  const fileName = `IMG_${id.slice(-8)}.jpg`;
  await records.insert({ id, fileName, contentType: 'image/jpeg', objectKey: `ingest/${id}` });
}

async function markReady(records: ImageRecords, created: ImageId[]): Promise<void> {
  const id = created.pop();
  const isChanged =
    id !== undefined &&
    (await records.markReady(id, {
      ...{ sizeBytes: 1_234_567, width: 4032, height: 3024, versionId: id, etag: id },
      ...{ thumbhash: 'H/gBBYB6fW94h5e313h31dc8j1BU', thumbnailVersionId: id },
    }));
  if (!isChanged) throw new Error('nothing was pending');
}

/** The process id; the pool has one connection, so all queries are its. */
async function backendOf(client: Database): Promise<number> {
  const [row] = await client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  if (row === undefined) throw new Error('PostgreSQL does not tell its process id');
  return row.pid;
}

/** User and system time: fields 14 and 15, counted from behind the name, which may hold anything. */
async function cpuTicks(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
