import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Bench } from '../../../bench/kit/bench.ts';
import { runBenchCommand } from '../../../bench/kit/command.ts';
import { compare, tell } from '../../../bench/kit/rows.ts';

let directory: string;
let controller: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'bench-test-'));
  controller = new AbortController();
});
afterEach(() => rm(directory, { recursive: true }));

const GOOD: Bench = {
  name: 'good',
  title: 'What is good | and fast',
  run: async ({ rounds, progress }) => {
    progress('working');
    const row = { what: 'ours against theirs', unit: 'URLs per CPU second', limit: 1000 };
    return {
      rows: [compare({ ...row, ours: 900, goal: { atLeast: 0.85 } }), tell('rounds', '', rounds)],
      charts: [
        {
          ...{ name: 'good-chart', title: 'Good by size' },
          x: { title: 'size', scale: 'linear' },
          y: { title: 'cost', scale: 'linear' },
          series: [{ name: 'ours', points: [{ x: 1, y: 2 }] }],
        },
      ],
      tables: [{ title: 'In detail', columns: ['page', 'ms'], rows: [['first | last', '1.2']] }],
      notes: ['Measured with care.'],
    };
  },
};
const SLOW: Bench = {
  ...GOOD,
  name: 'slow',
  run: async () => ({
    rows: [compare({ what: 'slow', unit: 'ms', ours: 3, limit: 1, goal: { atMost: 2 } })],
  }),
};
const BROKEN: Bench = { ...GOOD, name: 'broken', run: () => Promise.reject(new Error('no luck')) };

/** Runs the command without a process around it. */
async function run(argv: string[], benches: Bench[]) {
  let [stdout, stderr] = ['', ''];
  const status = await runBenchCommand(
    argv,
    {
      stdin: process.stdin,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      signal: controller.signal,
    },
    benches,
    directory,
  );
  return { status, stdout, stderr };
}

const fileIn = (name: string) => path.join(directory, name);
const readJson = async (name: string) => JSON.parse(await readFile(fileIn(name), 'utf8'));

test('the table goes to standard output, what is going on to standard error', async () => {
  const { status, stdout, stderr } = await run(['--rounds', '2'], [GOOD]);
  expect(status).toBe(0);
  const [titles, rule, first, second, ...rest] = stdout.split('\n');
  expect(titles).toMatch(/^bench +what +unit +ours +limit +ratio +goal +met$/);
  expect(rule).toMatch(/^[- ]+$/);
  expect(first).toMatch(
    /^good +ours against theirs +URLs per CPU second +900 +1,000 +0\.900 +≥ 0\.85 +yes$/,
  );
  expect(second).toMatch(/^ +rounds +2$/);
  expect(rest).toEqual(['']);
  expect(stderr).toBe('[1/1] good: working\n[1/1] good: done\n');
  expect(await readdir(directory)).toEqual([]);
});

test('a bench that fails says why, the others go on, and the status is 1', async () => {
  const { status, stdout, stderr } = await run([], [BROKEN, GOOD]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^broken +failed .*no$/m);
  expect(stdout).toMatch(/^good /m);
  expect(stdout).toMatch(/\nbroken failed: no luck\n$/);
  expect(stderr).toContain('[1/2] broken: failed\n');
});

test('a goal that is not met changes the status only when that is asked for', async () => {
  expect(await run([], [SLOW])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/ no$/m),
  });
  expect(await run(['--strict'], [SLOW])).toMatchObject({ status: 1 });
  expect(await run(['--strict'], [GOOD])).toMatchObject({ status: 0 });
});

test('wrong usage has status 2 and says what would be right', async () => {
  const { status, stdout, stderr } = await run(['god'], [GOOD, SLOW]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'no bench is called god; there are good, slow\nSee npm run bench -- --help\n',
  );
});

test('the report tells the machine, versions, commit and rounds, and nothing of where it was', async () => {
  await run(['--json', fileIn('a.json'), '--rounds', '3'], [GOOD, BROKEN]);
  const report = await readJson('a.json');
  expect(report.machine).toEqual({
    cpu: expect.any(String),
    cores: expect.any(Number),
    memoryBytes: expect.any(Number),
    os: expect.any(String),
  });
  expect(Object.keys(report.versions)).toEqual(
    expect.arrayContaining(['node', 'openssl', 'postgres', 'sharp', 'libvips', 'apollo', 'prisma']),
  );
  expect(report.benches).toMatchObject([
    {
      name: 'good',
      rounds: 3,
      loadAverage: expect.any(Number),
      failure: null,
      rows: [{ ours: 900, ratio: 0.9 }, { ours: 3 }],
    },
    { name: 'broken', failure: 'no luck', rows: [] },
  ]);
  const text = await readFile(fileIn('a.json'), 'utf8');
  for (const own of [process.cwd(), os.hostname(), directory]) expect(text).not.toContain(own);
});

test('the page and its charts are written from reports, a later file before an earlier one', async () => {
  await run(['--json', fileIn('a.json')], [BROKEN, { ...GOOD, name: 'slow' }]);
  await run(['--json', fileIn('b.json')], [{ ...GOOD, name: 'broken' }]);
  await run(['--json', fileIn('c.json')], [GOOD]);
  const files = ['a', 'b', 'c'].flatMap((name) => ['--from', fileIn(`${name}.json`)]);
  const { status, stdout } = await run([...files, '--write-docs'], [GOOD]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^broken .*yes\n.*\nslow .*\n.*\ngood /m);

  const page = await readFile(fileIn('benchmarks.md'), 'utf8');
  expect(page).toContain('3 of 3 goals met.');
  expect(page).toMatch(/^- load average when the benches began: [\d.]+ to [\d.]+$/m);
  expect(page).toContain(
    '| [good](#good) | ours against theirs | URLs per CPU second | 900 | 1,000 | 0.900 | ≥ 0.85 | yes |',
  );
  expect(page).toContain(
    '### good\n\nWhat is good | and fast. Rounds: 7.\n\n- Measured with care.',
  );
  expect(page).toContain('![Good by size](images/benchmarks/good-chart.svg)');
  expect(page).toContain('In detail:\n\n| page | ms |\n|---|--:|\n| first \\| last | 1.2 |');
  expect(await readdir(fileIn('images/benchmarks'))).toEqual(['good-chart.svg']);
});

test('a chart that is in no report any more is removed, other files are not', async () => {
  await run(['--write-docs'], [GOOD]);
  await writeFile(fileIn('images/benchmarks/README'), '');
  expect(await readFile(fileIn('benchmarks.md'), 'utf8')).toContain('good-chart.svg');
  await run(['--write-docs'], [SLOW]);
  expect(await readdir(fileIn('images/benchmarks'))).toEqual(['README']);
  expect(await readFile(fileIn('benchmarks.md'), 'utf8')).toContain('0 of 1 goals met.');
});

test('what is no report, or one of another machine, is refused', async () => {
  await writeFile(fileIn('text.json'), 'fast');
  await writeFile(fileIn('other.json'), '{"rows":[]}');
  await run(['--json', fileIn('a.json')], [GOOD]);
  const foreign = await readJson('a.json');
  foreign.machine.cpu = 'Another CPU';
  await writeFile(fileIn('foreign.json'), JSON.stringify(foreign));
  const from = (...names: string[]) =>
    run(
      names.flatMap((name) => ['--from', fileIn(name)]),
      [GOOD],
    );
  for (const [refused, reason] of [
    [await from('text.json'), /text\.json is no JSON/],
    [await from('other.json'), /other\.json is no report of benches: machine/],
    [await from('a.json', 'foreign.json'), /foreign\.json was measured on another machine/],
    [await from('missing.json'), /ENOENT/],
  ] as const) {
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(reason) });
  }
});

test('after a Ctrl-C the benches up to then are told and kept', async () => {
  const interrupted: Bench = {
    ...GOOD,
    name: 'interrupted',
    run: async ({ progress }) => {
      controller.abort();
      progress('never told');
      return { rows: [] };
    },
  };
  const json = fileIn('a.json');
  const result = await run(['--json', json, '--write-docs'], [GOOD, interrupted, SLOW]);
  expect(result.status).toBe(130);
  expect(result.stdout).toMatch(/^good /m);
  expect(result.stdout).not.toMatch(/slow|interrupted/);
  expect(result.stderr).toMatch(/\[2\/3\] interrupted: interrupted\nInterrupted; .*\n$/);
  expect((await readJson('a.json')).benches).toHaveLength(1);
  expect(await readdir(directory)).toEqual(['a.json']);
});

test('as a process: a real bench measures, says so, and ends by itself', async () => {
  const main = path.resolve(import.meta.dirname, '../../../bench/main.ts');
  const json = fileIn('real.json');
  const child = spawn(process.execPath, [main, 'presign-put', '--rounds', '1', '--json', json], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = await once(child, 'close');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/^presign-put +ours against/m);
  const { benches } = await readJson('real.json');
  expect(benches).toMatchObject([{ name: 'presign-put', rounds: 1, failure: null }]);
  for (const { ours } of benches[0].rows) expect(ours).toBeGreaterThan(0);
  // It has four processes to start.
}, 180_000);
