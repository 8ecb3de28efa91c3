/** npm run bench:audit [-- --objects N --rounds N --json FILE] */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { makeAuditBench } from './audit/index.ts';
import type { BenchRow } from './kit/bench.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const stopping = new AbortController();
// The bench ends with an error at its next step, and takes its processes and files away.
process.once('SIGINT', () => stopping.abort());
const bench = makeAuditBench(Number(values.objects));
const running = bench.run({
  rounds: Number(values.rounds),
  progress(text) {
    stopping.signal.throwIfAborted();
    console.error(text);
  },
});
const result = await running.catch((error: unknown) => {
  if (!stopping.signal.aborted) throw error;
  console.error('interrupted');
  process.exit(130);
});

function goalText({ goal }: BenchRow): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
}

const width = Math.max(...result.rows.map(({ what }) => what.length));
const columns = (...texts: string[]) => texts.map((text) => text.padStart(9)).join('');
console.log(''.padEnd(width), columns('ours', 'limit', 'ratio', 'goal'), ' unit');
for (const row of result.rows) {
  const numbers = [row.ours, row.limit, row.ratio].map((number) => number?.toPrecision(4) ?? '');
  console.log(row.what.padEnd(width), columns(...numbers, goalText(row)), ` ${row.unit}`);
}
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
