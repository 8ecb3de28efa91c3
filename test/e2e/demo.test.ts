import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { Row } from '../../scripts/demo/row.ts';
import { findPorts } from '../support/ports.ts';
import { captureDemo } from '../unit/scripts/demo-bench.ts';

const RUN_STACK = path.resolve(import.meta.dirname, '../support/run-stack.ts');

let stateDir: string;
let stack: ChildProcessByStdio<Writable, Readable, Readable>;
let closed: Promise<unknown>;
let complaints = '';

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(os.tmpdir(), 'demo-e2e-'));
  stack = spawn(process.execPath, [RUN_STACK, stateDir, String(await findPorts())], {
    // A Ctrl-C is for Jest: the stack ends in order when its standard input does.
    detached: true,
  });
  stack.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  closed = once(stack, 'close');
  const ended = closed.then(() => Promise.reject(new Error(complaints)));
  await Promise.race([once(stack.stdout, 'data'), ended]);
});

afterAll(async () => {
  stack.stdin.end();
  await closed;
});

describe('demo against the whole stack', () => {
  it('brings every sample in and out, and has the liar refused', async () => {
    const { status, stdout } = await captureDemo([], { directory: stateDir });
    expect(stdout).toContain('6 of 6 files as expected: 5 came out as they went in, 1 refused.');
    expect(status).toBe(0);
  });

  it('brings awkward files in and out: large, tiny, oddly named', async () => {
    const directory = path.join(stateDir, 'awkward');
    await mkdir(directory);
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const create = { width: 1800, height: 1700, channels: 3, background: '#888', noise } as const;
    await writeFile(
      path.join(directory, 'large.PNG'),
      await sharp({ create }).png({ compressionLevel: 0 }).toBuffer(),
    );
    const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#f00' } });
    await writeFile(path.join(directory, '100% a+b é 港 📷.gif'), await dot.gif().toBuffer());
    const { status, stdout } = await captureDemo(
      ['--json', 'awkward/large.PNG', 'awkward/100% a+b é 港 📷.gif'],
      { directory: stateDir },
    );
    const rows: Row[] = JSON.parse(stdout);
    expect(rows.map(({ status: state, problem, ok }) => ({ state, problem, ok }))).toEqual([
      { state: 'READY', problem: null, ok: true },
      { state: 'READY', problem: null, ok: true },
    ]);
    expect(rows[0]?.bytes).toBeGreaterThan(9_000_000);
    expect(status).toBe(0);
  });

  it('leaves the stack without a complaint', () => {
    expect(complaints).toBe('');
  });
});
