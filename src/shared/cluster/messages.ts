import type { Samples } from '../telemetry/samples.ts';

/** What a primary tells one of its processes. */
export type ToMember =
  /** End in an orderly way; `replaced` when another one has taken over already. */
  | { type: 'stop'; replaced: boolean }
  | { type: 'scrape'; id: number }
  /** Nothing comes after this, so whoever got it may end. */
  | { type: 'farewell' };

/** What a process tells its primary. */
export type ToPrimary =
  | { type: 'ready'; port: number }
  | { type: 'samples'; id: number; samples: Samples }
  /** It listens no more and has answered everything: its last numbers. */
  | { type: 'leaving'; samples: Samples };

/** The argument of a process that takes the place of a working one: it has to prove itself first. */
export const REPLACEMENT = '--replacement';
