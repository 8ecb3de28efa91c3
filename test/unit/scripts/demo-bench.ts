import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { Row } from '../../../scripts/demo/row.ts';
import { runDemo } from '../../../scripts/demo/run-demo.ts';
import { type FakeMediaApi, startFakeMediaApi } from './fake-media-api.ts';

export const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(500)]);
export const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(90_000)]);

export interface DemoRun {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs the demo in this process and keeps what it writes. */
export async function captureDemo(
  argv: string[],
  {
    directory,
    isTTY = false,
    signal = new AbortController().signal,
  }: {
    /** State directory and working directory in one. */
    directory: string;
    isTTY?: boolean;
    signal?: AbortSignal;
  },
): Promise<DemoRun> {
  const written = { stdout: '', stderr: '' };
  const status = await runDemo(argv, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { isTTY, write: (text) => (written.stderr += text) },
    stateDir: directory,
    workingDirectory: directory,
    signal,
  });
  return { status, ...written };
}

/** A directory with files to send and a deployment to send them to. */
export interface DemoBench {
  directory: string;
  fake: FakeMediaApi;
  /** Runs the demo in the directory against the fake. */
  demo(...argv: string[]): Promise<DemoRun>;
  demoRows(...argv: string[]): Promise<{ status: number; rows: Row[] }>;
  /** The problem of a file that must not come out right. */
  problemWith(file: string, ...argv: string[]): Promise<string | null | undefined>;
  close(): Promise<void>;
}

export async function openDemoBench(): Promise<DemoBench> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'demo-'));
  const fake = await startFakeMediaApi();
  await writeFile(path.join(directory, 'a.png'), PNG);
  await writeFile(path.join(directory, 'b.jpg'), JPEG);
  await writeFile(path.join(directory, 'liar.jpg'), PNG);
  await writeFile(path.join(directory, 'notes.txt'), 'no image');
  await mkdir(path.join(directory, 'folder.gif'));

  function demo(...argv: string[]): Promise<DemoRun> {
    return captureDemo(['--api', fake.endpoint, ...argv], { directory });
  }

  async function demoRows(...argv: string[]) {
    const { status, stdout } = await demo('--json', ...argv);
    const rows: Row[] = JSON.parse(stdout);
    return { status, rows };
  }

  return {
    directory,
    fake,
    demo,
    demoRows,
    async problemWith(file, ...argv) {
      const { status, rows } = await demoRows(file, ...argv);
      expect(status).toBe(1);
      expect(rows).toHaveLength(1);
      expect(rows[0]?.ok).toBe(false);
      return rows[0]?.problem;
    },
    async close() {
      await fake.close();
      await rm(directory, { recursive: true });
    },
  };
}
