import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { runSimulationCommand } from '../../../scripts/queue-simulation/command.ts';

const SHORT = ['--hours', '0.1', '--arrivals-per-second', '2', '--service-ms', '500'];

async function run(argv: string[], signal = new AbortController().signal) {
  const written = { stdout: '', stderr: '' };
  const status = await runSimulationCommand(argv, {
    stdin: Readable.from([]),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    signal,
  });
  return { status, ...written };
}

describe('npm run simulate:queue', () => {
  it('tells the fewest workers that keep the target', async () => {
    const { status, stdout, stderr } = await run([
      ...[...SHORT, '--burst', '4x60', '--workers', '1,3,9', '--target-wait-secs', '60'],
      ...['--spread', 'fixed', '--json'],
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { rows, needed_workers: needed, target_wait_secs: target } = JSON.parse(stdout);
    expect(rows.map(({ workers }: { workers: number }) => workers)).toEqual([1, 3, 9]);
    // One is at work all the time before the burst already; three fall behind by some 20 s in it.
    expect(rows[0].wait_max_secs).toBeGreaterThan(60);
    expect(rows[1].wait_max_secs).toBeLessThan(60);
    expect({ needed, target }).toEqual({ needed: 3, target: 60 });
    for (const row of rows) {
      const left = row.waiting_at_end + row.in_work_at_end + row.returning_at_end;
      expect(row.done + row.dead + left).toBe(row.arrivals);
    }
  });

  it('fails when no number of workers keeps the target', async () => {
    const argv = [...SHORT, '--service-ms', '5000', '--workers', '1-2', '--target-wait-secs', '1'];
    const { status, stdout } = await run(argv);
    expect(status).toBe(1);
    expect(stdout).toContain('With none of them every upload is received within 1 s.');
  });

  it('prints a table, or the same as CSV, and the same again each time', async () => {
    const argv = [...SHORT, '--workers', '2,4', '--mix', 'jpeg=75@100,avif=25@1700'];
    const table = await run(argv.toSpliced(4, 2));
    expect(table.status).toBe(0);
    expect(table.stdout).toContain('2 uploads a second of 500 ms CPU keep 1.00 cores busy.');
    expect(table.stdout.split('\n').filter((line) => /^ +[24] /.test(line))).toHaveLength(2);

    const csv = await run([...argv.toSpliced(4, 2), '--csv']);
    const [head, ...lines] = csv.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^workers,utilisation,wait_mean_secs,/);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.split(',')).toHaveLength(head?.split(',').length ?? 0);
    expect(await run([...argv.toSpliced(4, 2), '--csv'])).toEqual(csv);
  });

  it('chooses numbers of workers from the load up to the burst', async () => {
    const { stdout } = await run([...SHORT, '--burst', '10x30', '--json']);
    const workers = JSON.parse(stdout).rows.map((row: { workers: number }) => row.workers);
    expect(workers[0]).toBe(1);
    // Ten cores are busy in the burst, and a quarter more.
    expect(workers.at(-1)).toBe(13);
  });

  it('prints its help', async () => {
    const { status, stdout } = await run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('--arrivals-per-second N');
  });

  it('ends when it is interrupted, without half a table', async () => {
    const interrupted = AbortSignal.abort();
    expect(await run(['--hours', '10'], interrupted)).toEqual({
      ...{ status: 130, stdout: '', stderr: '' },
    });
  });

  it.each([
    [['--hours', 'x'], '--hours takes a number from 0.001 to 8760'],
    [['--arrivals-per-second', '-1'], "Option '--arrivals-per-second'"],
    [['--arrivals-per-second=0'], '--arrivals-per-second takes a number from'],
    [['--concurrency', '1.5'], '--concurrency takes a whole number from 1 to 100'],
    [['--workers', '0'], '--workers takes a whole number from 1'],
    [['--workers', '4-2'], '--workers takes 1 to 50 numbers'],
    [['--workers', '1-1000'], '--workers takes 1 to 50 numbers'],
    [['--workers', '1,2-3'], '--workers takes'],
    [['--burst', '10'], '--burst takes FACTORxSECONDS'],
    [['--burst', '0x60'], 'the factor of --burst takes a number from'],
    [['--burst', '2x3600'], '--burst has to end before --hours are over'],
    [['--mix', 'jpeg=80@100'], 'the percentages of --mix are 80 in all, not 100'],
    [['--mix', 'jpeg=100'], '--mix takes NAME=PERCENT@MS'],
    [['--mix', 'jpeg=100@1', '--service-ms', '1'], '--service-ms or --mix'],
    [['--spread', 'wide'], '--spread takes exponential or fixed'],
    [['--fail-rate', '0.6', '--lost-rate', '0.6'], '--fail-rate and --lost-rate'],
    [['--seed', '4294967296'], '--seed takes a whole number'],
    [['--json', '--csv'], '--json or --csv'],
    [['--arrivals-per-second', '10000'], '36 million messages'],
    [['--arrivals-per-second', '100', '--burst', '1000x600'], '--burst and --hours make'],
    [['--nonsense'], '--nonsense'],
    [['5'], "'5'"],
  ])('refuses %j', async (argv, message) => {
    const { status, stdout, stderr } = await run(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run simulate:queue -- --help');
  });
});
