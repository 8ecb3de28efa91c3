import type { Bench, BenchOptions, BenchResult } from '../kit/bench.ts';
import { measureMemory } from './memory.ts';
import { measureSpeed } from './speed.ts';
import { startSurroundings, WRONG_ONE_IN } from './surroundings.ts';

/** Milliseconds from this service to its bucket and back, as within a region of AWS. */
const DISTANCE_MS = 10;
const OBJECTS = { initial: '20000', meaning: 'how many objects the store has' };
const PAGE = 1000;
/** A tenth of it has to be a page: with fewer there is nothing to compare. */
const FEWEST_OBJECTS = 10 * PAGE;

/** What the format audit takes, beside what one would write first. */
export const auditBench: Bench = {
  name: 'audit',
  title:
    'Stage 1 of the format audit beside the plain way: object by object GET, HEAD, then a copy',
  rounds: 3,
  settings: { objects: OBJECTS },
  run,
};

async function run({ rounds, progress, settings }: BenchOptions): Promise<BenchResult> {
  const objects = Number(settings?.objects ?? OBJECTS.initial);
  if (!(objects >= FEWEST_OBJECTS)) {
    throw new Error(`--objects takes a number from ${FEWEST_OBJECTS} upwards`);
  }
  const surroundings = await startSurroundings();
  try {
    progress(`storing ${objects} objects`);
    await surroundings.fill(objects);
    const speed = await measureSpeed(surroundings, {
      rounds,
      progress,
      objects: Math.ceil(objects / 4 / PAGE) * PAGE,
      distances: [DISTANCE_MS, 0],
    });
    const memory = await measureMemory(surroundings, { progress, objects });
    return {
      rows: [...speed.rows, ...memory.rows],
      charts: memory.charts,
      notes: [
        `${objects} objects of 4 KiB in the local S3, a process of its own; one in ${WRONG_ONE_IN} is stored as what it is not. The audit works without a pace (\`AUDIT_REQUESTS_PER_SECOND\`), a CDN or a database.`,
        `A bucket is some way off: for "${DISTANCE_MS} ms away" the store answers each request ${DISTANCE_MS} ms later. With no distance at all nothing is waited for, and two cores, one for the audit and one for the store, cannot do more than about twice what the plain way does with half of each, and twice that for half of the requests.`,
        'The plain way reads whole objects one by one. It is measured over fewer of them, and rates are compared.',
        ...memory.notes,
      ],
    };
  } finally {
    await surroundings.close();
  }
}
