import type { BenchOptions, BenchRow, Goal } from '../kit/bench.ts';
import { compare, compareRounds, tell } from '../kit/rows.ts';
import type { AuditAnswer } from './messages.ts';
import { type Contestant, type Surroundings, WRONG_ONE_IN } from './surroundings.ts';

const WAYS = ['audit', 'plain'] as const;
const CASES = ['one in ten wrong', 'all right'] as const;
type Way = (typeof WAYS)[number];
type Case = (typeof CASES)[number];

/** How many objects are enough to know the rate of the plain way: it does some dozens a second. */
const PLAIN_SHARE = 0.1;
const SPEED_GOAL: Goal = { atLeast: 5 };

interface Sample {
  way: Way;
  what: Case;
  distanceMs: number;
  objects: number;
  answer: AuditAnswer;
}

export interface SpeedOptions extends BenchOptions {
  objects: number;
  /** Milliseconds by which the store is late; the goals are for the first. */
  distances: readonly number[];
}

/** Objects a second, and requests an object, of the audit and of the plain way. */
export async function measureSpeed(
  surroundings: Surroundings,
  { rounds, progress, objects, distances }: SpeedOptions,
): Promise<{ rows: BenchRow[] }> {
  const counts = { audit: Math.ceil(objects), plain: Math.ceil(objects * PLAIN_SHARE) };
  const contestants = {
    audit: await surroundings.start('audit'),
    plain: await surroundings.start('plain'),
  };
  const samples: Sample[] = [];
  // Interleaved, so that a change of the machine's pace hits both. The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const distanceMs of distances) {
      for (const way of WAYS) {
        const count = round === 0 ? counts.plain : counts[way];
        const answers = await runCases(surroundings, contestants[way], count, distanceMs);
        if (round === 0) continue;
        for (const [what, answer] of answers) {
          samples.push({ way, what, distanceMs, objects: count, answer });
        }
      }
    }
    progress(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
  for (const contestant of Object.values(contestants)) await contestant.stop();
  return { rows: rowsOf(samples, distances) };
}

/** The second run finds right what the first has put right. */
async function runCases(
  surroundings: Surroundings,
  contestant: Contestant,
  objects: number,
  distanceMs: number,
): Promise<[Case, AuditAnswer][]> {
  await surroundings.delay(0);
  await surroundings.spoil(objects);
  await surroundings.delay(distanceMs);
  const answers: [Case, AuditAnswer][] = [];
  for (const what of CASES) {
    const answer = await contestant.run(objects);
    const wrong = what === 'all right' ? 0 : Math.ceil(objects / WRONG_ONE_IN);
    if (answer.fixed !== wrong) throw new Error(`${answer.fixed} were fixed, not ${wrong}`);
    answers.push([what, answer]);
  }
  await surroundings.delay(0);
  return answers;
}

function rowsOf(samples: readonly Sample[], distances: readonly number[]): BenchRow[] {
  const of = (way: Way, what: Case, distanceMs = distances[0]) =>
    samples.filter(
      (each) => each.way === way && each.what === what && each.distanceMs === distanceMs,
    );
  const perSecond = (sample: Sample) => sample.objects / sample.answer.wallSeconds;
  const perCpuSecond = (sample: Sample) => sample.objects / sample.answer.cpuSeconds;
  const requests = ({ answer, objects }: Sample) => answer.requests / objects;
  /** Beyond those that a right object costs. */
  const forFixes = ({ answer, objects }: Sample) => (answer.requests - objects) / answer.fixed;

  const speed = distances.flatMap((distanceMs, index) =>
    CASES.map((what) =>
      compareRounds({
        what: `${what}, ${distanceMs === 0 ? 'no distance' : `store ${distanceMs} ms away`}`,
        unit: 'objects a second',
        ours: of('audit', what, distanceMs).map(perSecond),
        limit: of('plain', what, distanceMs).map(perSecond),
        goal: index === 0 ? SPEED_GOAL : null,
      }),
    ),
  );
  const nearest = distances.at(-1);
  return [
    ...speed,
    compareRounds({
      what: 'all right, no distance, CPU of the client',
      unit: 'objects a CPU second',
      ours: of('audit', 'all right', nearest).map(perCpuSecond),
      limit: of('plain', 'all right', nearest).map(perCpuSecond),
      goal: null,
    }),
    compare({
      what: 'requests for a right object',
      unit: 'requests, lists not included',
      ours: Math.max(...of('audit', 'all right').map(requests)),
      limit: 1,
      goal: { atMost: 1 },
    }),
    compare({
      what: 'requests for a fixed object: a look and a copy',
      unit: 'requests, lists not included',
      ours: 1 + Math.max(...of('audit', 'one in ten wrong').map(forFixes)),
      limit: 2,
      goal: { atMost: 1 },
    }),
    tell(
      'lists for a thousand objects',
      'requests',
      Math.max(
        ...of('audit', 'all right').map(({ answer, objects }) => (answer.lists / objects) * 1000),
      ),
    ),
  ];
}
