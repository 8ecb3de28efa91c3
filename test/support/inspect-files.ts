/**
 * A process of its own that inspects files, all at once, with everything of the worker loaded, and
 * prints what it took: `inspect-files.ts ROUNDS TYPE:FILE...`, TYPE being a content type.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import '../../src/app/worker.ts';
import { isContentType } from '../../src/domain/content-types.ts';
import { inspectObject } from '../../src/features/ingest/inspect-object.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createImageDecoder } from '../../src/shared/image-decoder.ts';
import { workerEnvironment } from './config.ts';
import { peakRssBytes } from './peak-memory.ts';

export interface InspectionReport {
  /** By file: the size as displayed, or the reason of a refusal. */
  verdicts: Record<string, string>;
  peakRssBytes: number;
  /** What of the process's CPU time the thread of the event loop took, from 0 to 1. */
  loopCpuShare: number;
}

const [rounds, ...files] = process.argv.slice(2);
const decoder = createImageDecoder(loadWorkerConfig(workerEnvironment()));
const verdicts: Record<string, string> = {};

async function inspect(argument: string): Promise<void> {
  const [contentType = '', file = ''] = argument.split(':');
  if (!isContentType(contentType)) throw new Error(`${contentType} is no content type`);
  const { size: sizeBytes } = await stat(file);
  const result = await inspectObject(
    { decoder, maxSizeBytes: 2 ** 30 },
    {
      key: file,
      versionId: null,
      etag: null,
      sizeBytes,
      contentType,
      body: createReadStream(file),
    },
    contentType,
  );
  verdicts[file] = typeof result === 'string' ? result : `${result.width}x${result.height}`;
}

const total = ({ user, system }: NodeJS.CpuUsage) => user + system;

const before = { all: process.cpuUsage(), loop: process.threadCpuUsage() };
for (let round = 0; round < Number(rounds); round += 1) await Promise.all(files.map(inspect));
const loopCpuShare =
  total(process.threadCpuUsage(before.loop)) / total(process.cpuUsage(before.all));
const report: InspectionReport = {
  verdicts,
  peakRssBytes: peakRssBytes(),
  loopCpuShare,
};
process.stdout.write(JSON.stringify(report));
