import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ContentType } from '../../src/domain/content-types.ts';
import type { InspectionReport } from './inspect-files.ts';

export interface NamedFile {
  name: string;
  contentType: ContentType;
  bytes: Uint8Array;
}

/** What the Dockerfile sets about memory: production runs with it. */
function mallocEnvironment(): Record<string, string> {
  const dockerfile = readFileSync(path.resolve(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const settings = dockerfile.match(/MALLOC_\w+=\d+/g) ?? [];
  return Object.fromEntries(settings.map((setting) => setting.split('=')));
}

/** Inspects files in a process of its own, all at once, `rounds` times. Verdicts are by name. */
export async function runInspection(files: NamedFile[], rounds = 1): Promise<InspectionReport> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'inspection-'));
  try {
    const stored = files.map((file, index) => ({
      ...file,
      path: path.join(directory, `${index}`),
    }));
    for (const { path: target, bytes } of stored) await writeFile(target, bytes);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        path.join(import.meta.dirname, 'inspect-files.ts'),
        String(rounds),
        ...stored.map(({ contentType, path: target }) => `${contentType}:${target}`),
      ],
      { env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...mallocEnvironment() } },
    );
    const report: InspectionReport = JSON.parse(stdout);
    const verdicts = stored.map(({ name, path: target }) => [name, report.verdicts[target]]);
    return { ...report, verdicts: Object.fromEntries(verdicts) };
  } finally {
    await rm(directory, { recursive: true });
  }
}
