import { auditBench } from './audit/index.ts';
import { loopStallBench } from './crypto/loop-stall.ts';
import { presignBench } from './crypto/presign.ts';
import { signBenches } from './crypto/sign.ts';
import { databaseCpuBench } from './database/cpu.ts';
import { databaseSizeBench } from './database/size.ts';
import type { Bench } from './kit/bench.ts';
import { listPageBench } from './list/list-page.ts';
import { requestBenches } from './requests/index.ts';
import { scalingBench } from './scaling/scaling.ts';
import { startBench } from './start/start.ts';
import { decodeFormatsBench } from './worker/decode-formats.ts';
import { validateBench } from './worker/validate.ts';

/** In the order of docs/benchmarks.md; `npm run bench` runs all of them. */
export const allBenches: readonly Bench[] = [
  ...signBenches,
  presignBench,
  ...requestBenches,
  loopStallBench,
  listPageBench,
  validateBench,
  decodeFormatsBench,
  auditBench,
  scalingBench,
  startBench,
  databaseCpuBench,
  databaseSizeBench,
];
