import { loopStallBench } from './crypto/loop-stall.ts';
import { presignBench } from './crypto/presign.ts';
import { signBenches } from './crypto/sign.ts';
import type { Bench } from './kit/bench.ts';
import { listPageBench } from './list-page.ts';
import { startBench } from './start/start.ts';
import { validateBench } from './worker/validate.ts';

/** In the order of docs/benchmarks.md; `npm run bench` runs all of them. */
export const allBenches: readonly Bench[] = [
  ...signBenches,
  presignBench,
  loopStallBench,
  listPageBench,
  validateBench,
  startBench,
];
