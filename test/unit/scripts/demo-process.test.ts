import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type DemoBench, openDemoBench } from './demo-bench.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../scripts/demo/main.ts');

let bench: DemoBench;

beforeAll(async () => {
  bench = await openDemoBench();
});
beforeEach(() => bench.fake.misbehave({}));
afterAll(() => bench.close());

function launch(argv: string[], env: NodeJS.ProcessEnv = {}, cwd = bench.directory): ChildProcess {
  return spawn(process.execPath, [MAIN, '--api', bench.fake.endpoint, ...argv], {
    cwd,
    env: { ...process.env, npm_lifecycle_event: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status, signal] = await once(child, 'close');
  return { status, signal, stdout, stderr };
}

describe('the demo as a process', () => {
  it('ends by itself with 0 when all is well, 1 when not, 2 when nothing could be sent', async () => {
    const runs = await Promise.all(
      [
        ['a.png', 'b.jpg'],
        ['a.png', 'liar.jpg'],
        ['--jobs', 'x'],
      ].map((argv) => ended(launch(argv))),
    );
    expect(runs.map(({ status }) => status)).toEqual([0, 1, 2]);
    expect(runs[2]?.stderr).toMatch(/^demo: [^\n]+\n$/);
  });

  it('takes file names from where npm was called, not from the checkout', async () => {
    const env = { npm_lifecycle_event: 'demo', INIT_CWD: bench.directory };
    expect((await ended(launch(['a.png'], env, path.dirname(MAIN)))).status).toBe(0);
  });

  it('ends with 130 on Ctrl-C, without a stack trace', async () => {
    const asked = Promise.withResolvers<void>();
    bench.fake.misbehave({
      state(image) {
        if (image.asked > 0) asked.resolve();
        return { status: 'PENDING' };
      },
    });
    const child = launch(['a.png']);
    const end = ended(child);
    await asked.promise;
    child.kill('SIGINT');
    const { status, signal, stdout, stderr } = await end;
    expect({ status, signal }).toEqual({ status: 130, signal: null });
    expect(stdout).toMatch(/a\.png +image-1 +aborted/);
    expect(stderr).toBe('demo: interrupted; 0 files were not sent\n');
  });
});
