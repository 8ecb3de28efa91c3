import type { Bench } from '../kit/bench.ts';
import { startContestant } from '../kit/contestant.ts';
import { takeTurns } from '../kit/rounds.ts';
import { compareRounds } from '../kit/rows.ts';
import type { StallAnswer, StallWay } from './loop-stall-process.ts';

const PROCESS = new URL('./loop-stall-process.ts', import.meta.url);

export const loopStallBench: Bench = {
  name: 'loop-stall',
  title:
    'The longest stall of the event loop while batches of 50 are signed with RSA, in signatures',
  rounds: 15,
  async run(options) {
    const contestant = await startContestant(PROCESS, {
      execArgv: ['--expose-gc'],
      signal: options.signal,
    });
    try {
      const ask = (way: StallWay) => () => contestant.ask<StallAnswer>(way);
      const samples = await takeTurns({ ours: ask('ours'), inOneGo: ask('inOneGo') }, options);
      return { rows: toRows(samples), notes: NOTES };
    } finally {
      await contestant.stop();
    }
  },
};

function toRows({ ours, inOneGo }: Record<StallWay, StallAnswer[]>) {
  const each = (answers: StallAnswer[], of: keyof StallAnswer) =>
    answers.map((answer) => answer[of]);
  const cpu = { unit: 'CPU ms', limit: each(ours, 'signatureCpuMs') };
  const wall = { unit: 'ms', limit: each(ours, 'signatureWallMs') };
  const goal = null;
  return [
    compareRounds({
      what: 'longest stall against one signature',
      ...cpu,
      ours: each(ours, 'cpuMs'),
      goal: { atMost: 2 },
    }),
    compareRounds({ what: 'the same in wall time', ...wall, ours: each(ours, 'wallMs'), goal }),
    compareRounds({
      ...{ what: 'longest of as many bare signatures', ...cpu, goal },
      ours: each(ours, 'longestSignatureCpuMs'),
    }),
    compareRounds({
      what: 'the batches signed in one go',
      ...cpu,
      ours: each(inOneGo, 'cpuMs'),
      goal,
    }),
  ];
}

const NOTES = [
  'Four batches of 50 are signed at the same time in one process; a stall is from one turn of its event loop to the next, which is what any other request waits. A signature is a bare `crypto.sign` with RSA-2048, one a turn, right before.',
  'The number of a round is its longest stall, out of two hundred turns or more. In wall time it also holds whatever else the machine did. The longest of as many bare signatures, one a turn, says how even the machine runs: where it is well above 1, so is ours.',
];
