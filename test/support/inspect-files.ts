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

const TICK_MS = 20;

export interface InspectionReport {
  /** By file: the size as displayed, or the reason of a refusal. */
  verdicts: Record<string, string>;
  peakRssBytes: number;
  /** How often a timer of 20 ms came, and would have come in an idle process. */
  ticks: number;
  possibleTicks: number;
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

let ticks = 0;
const started = performance.now();
const timer = setInterval(() => {
  ticks += 1;
}, TICK_MS);
for (let round = 0; round < Number(rounds); round += 1) await Promise.all(files.map(inspect));
clearInterval(timer);
const report: InspectionReport = {
  verdicts,
  peakRssBytes: peakRssBytes(),
  ticks,
  possibleTicks: Math.floor((performance.now() - started) / TICK_MS),
};
process.stdout.write(JSON.stringify(report));
