import { cpuSeconds, serveAsContestant } from '../kit/contestant-process.ts';

export interface RoundAnswer {
  /** CPU time of the whole process, in seconds, for all pictures of one round. */
  cpuSeconds: number;
  wallSeconds: number;
}

/** Answers whatever it is asked with what one round costs. */
export function measureRound(round: () => Promise<void>, close?: () => Promise<void>): void {
  serveAsContestant(async (_command, started): Promise<RoundAnswer> => {
    const [cpuBefore, wallBefore] = [cpuSeconds(), performance.now()];
    started();
    await round();
    return {
      cpuSeconds: cpuSeconds() - cpuBefore,
      wallSeconds: (performance.now() - wallBefore) / 1000,
    };
  }, close);
}
