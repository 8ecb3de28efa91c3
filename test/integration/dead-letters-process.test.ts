import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { withoutProgress } from '../support/command-process.ts';
import { type DeadLetterBench, openDeadLetterBench } from '../support/dead-letters.ts';
import type { Verdict } from '../support/http-proxy.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ENTRIES = ['src/start/dlq.ts', 'scripts/dlq.ts'];

let bench: DeadLetterBench;
const children: ChildProcess[] = [];

beforeAll(async () => {
  bench = await openDeadLetterBench();
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  bench.proxy.judge(() => 'pass');
  await bench.takeDeadLetters();
  await bench.takeFromSource();
});
afterAll(() => bench.close());

function launch(entry: string, argv: string[]): { child: ChildProcess; end: Promise<Ended> } {
  const child = spawn(process.execPath, [path.join(ROOT, entry), ...argv], {
    env: { PATH: process.env.PATH, ...bench.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return { child, end: ended(child) };
}

interface Ended {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status, signal] = await once(child, 'close');
  return { status, signal, stdout, stderr: withoutProgress(stderr) };
}

/** Holds the first request of an action until told; resolves when it has come. */
function holdFirst(held: string): { reached: Promise<void>; release(): void } {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  bench.proxy.judge(async ({ action }): Promise<Verdict> => {
    if (action === held) {
      reached.resolve();
      await released.promise;
    }
    return 'pass';
  });
  return { reached: reached.promise, release: released.resolve };
}

describe('as a process', () => {
  test.each(ENTRIES)('%s runs by environment variables alone', async (entry) => {
    const id = await bench.addDeadLetter('x');
    const { status, stdout, stderr } = await launch(entry, ['list', '--json']).end;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject([{ id }]);
    expect(await launch(entry, ['discard', id]).end).toMatchObject({ status: 2, stdout: '' });
  });

  test('Ctrl-C, with its echo by npm, gives everything back and ends with 130', async () => {
    for (let count = 0; count < 15; count += 1) await bench.addDeadLetter('x');
    const receive = holdFirst('ReceiveMessage');
    const { child, end } = launch('src/start/dlq.ts', ['list']);
    await receive.reached;
    child.kill('SIGINT');
    child.kill('SIGINT');
    receive.release();
    expect(await end).toEqual({ status: 130, signal: null, stdout: '', stderr: '' });
    expect(await bench.takeDeadLetters()).toHaveLength(15);
  });

  test('ends quietly when nobody reads its output', async () => {
    await bench.addDeadLetter('x');
    const { child, end } = launch('src/start/dlq.ts', ['list']);
    child.stdout?.destroy();
    const { status, stderr } = await end;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await bench.takeDeadLetters()).toHaveLength(1);
  });

  test('killed between sending and deleting: the message is there twice, never lost', async () => {
    const id = await bench.addDeadLetter('precious');
    const deleting = holdFirst('DeleteMessage');
    const { child, end } = launch('src/start/dlq.ts', ['redrive', id]);
    await deleting.reached;
    child.kill('SIGKILL');
    await end;
    expect(await bench.takeFromSource()).toMatchObject([{ Body: 'precious' }]);
    deleting.release();
    // Hidden until its time is over, which is what the command says.
    const { stderr } = await bench.run(['list']);
    expect(stderr).toMatch(/about 1 more message hidden/);
  });
});
