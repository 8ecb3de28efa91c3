import type { Bench, BenchResult, BenchRow, Goal } from '../kit/bench.ts';
import { compareRounds, median, medianRatio, tell } from '../kit/rows.ts';
import { batchSize, concurrency } from './charts.ts';
import { type Arena, type Contestant, withContestants } from './contestants.ts';
import {
  graphqlIngest,
  graphqlMany,
  graphqlOne,
  type Job,
  restIngest,
  restMany,
  restOne,
} from './jobs.ts';
import { CONCURRENCY, type Entry, measure } from './measure.ts';

const UNIT = 'CPU µs a request';
/** A round is short, and the machine changes its pace from one to the next. */
const ROUNDS = 15;
/** Of requests that are signed with RSA. */
const DEAR = 0.1;
const BATCH = 50;

type MakeJob = (ids: string[]) => Job;

interface Comparison {
  name: string;
  title: string;
  ours: MakeJob;
  /** What the lean program is asked for, which speaks REST only. */
  lean: MakeJob;
  goal: Goal;
}

const many: MakeJob = (ids) => restMany(ids, BATCH);

const COMPARISONS: Comparison[] = [
  {
    name: 'serve-50',
    title: 'Fifty signed URLs over REST, against the leanest program that does the same',
    ...{ ours: many, lean: many, goal: { atMost: 1.2 } },
  },
  {
    name: 'serve-1',
    title: 'One signed URL over REST, against the leanest program that does the same',
    ...{ ours: restOne, lean: restOne, goal: { atMost: 1.8 } },
  },
  {
    name: 'ingest-url',
    title: 'An ingest URL over REST, against the leanest program that does the same',
    ...{ ours: restIngest, lean: restIngest, goal: { atMost: 1.8 } },
  },
  {
    name: 'graphql-1',
    title: 'One signed URL over GraphQL, against the leanest program that does the same over REST',
    ...{ ours: graphqlOne, lean: restOne, goal: { atMost: 2.5 } },
  },
  {
    name: 'graphql-ingest',
    title: 'An ingest URL over GraphQL, against the leanest program that does the same over REST',
    ...{ ours: graphqlIngest, lean: restIngest, goal: { atMost: 2.2 } },
  },
];

const graphqlBatch: Bench = {
  name: 'graphql-50',
  title: 'Fifty signed URLs over GraphQL, against the leanest program that does the same over REST',
  rounds: ROUNDS,
  run: (options) =>
    withContestants(async (arena) => {
      const { ids, start } = arena;
      const entries = [
        entry('ECDSA', await start('api'), graphqlMany(ids, BATCH)),
        entry('lean', await start('lean'), many(ids)),
        { ...entry('RSA', await start('api', 'rsa'), graphqlMany(ids, BATCH)), share: DEAR },
      ];
      const [ecdsa = [], lean = [], rsa = []] = await measure(arena, entries, options);
      return {
        rows: [
          row('graphql-50', ecdsa, lean, { atMost: 1.4 }),
          tell('graphql-50 with RSA-2048', UNIT, median(rsa)),
        ],
        notes: [LEAN],
      };
    }),
};

const naive: Bench = {
  name: 'naive',
  title: 'Fifty signed URLs over GraphQL, against the same operation written the usual first way',
  rounds: ROUNDS,
  run: (options) =>
    withContestants(async (arena) => {
      const { ids, start } = arena;
      const job = graphqlMany(ids, BATCH);
      const entries = [
        entry('ours', await start('api'), job),
        { ...entry('ours with RSA', await start('api', 'rsa'), job), share: DEAR },
        { ...entry('naive', await start('naive', 'rsa'), job), share: DEAR },
      ];
      const [ecdsa = [], rsa = [], first = []] = await measure(arena, entries, options);
      const times = (what: string, ours: number[]): BenchRow => {
        return { ...row(what, ours, first, null), ratio: medianRatio(first, ours) };
      };
      return {
        rows: [
          times('times less CPU than the naive way', ecdsa),
          times('times less CPU than the naive way, with RSA too', rsa),
        ],
        notes: [
          'The naive way is Apollo, Prisma and the SDK as their introductions show them: a lookup for each id, the RSA key as PEM text, a signature for each field in one go.',
        ],
      };
    }),
};

/** CPU time of whole requests, in a process of its own, driven by another one over HTTP. */
export const requestBenches: Bench[] = [
  ...COMPARISONS.map(toBench),
  graphqlBatch,
  naive,
  batchSize,
  concurrency,
];

const LEAN =
  'The lean program is bench/requests/lean-process.ts: node:http, pg with a named statement, bare crypto.sign or SigV4, JSON.stringify; no log, no checks. The API writes its log, to /dev/null.';

function toBench({ name, title, ours, lean, goal }: Comparison): Bench {
  return {
    name,
    title,
    rounds: ROUNDS,
    run: (options) =>
      withContestants(async (arena): Promise<BenchResult> => {
        const entries = await startPair(arena, ours, lean);
        const [cost = [], limit = []] = await measure(arena, entries, options);
        return { rows: [row(name, cost, limit, goal)], notes: [LEAN] };
      }),
  };
}

async function startPair({ ids, start }: Arena, ours: MakeJob, lean: MakeJob): Promise<Entry[]> {
  return [
    entry('ours', await start('api'), ours(ids)),
    entry('lean', await start('lean'), lean(ids)),
  ];
}

function entry(name: string, contestant: Contestant, job: Job): Entry {
  return { name, contestant, job, concurrency: CONCURRENCY };
}

function row(what: string, ours: number[], limit: number[], goal: Goal | null): BenchRow {
  return compareRounds({ what, unit: UNIT, ours, limit, goal });
}
