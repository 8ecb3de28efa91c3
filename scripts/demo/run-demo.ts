import path from 'node:path';
import { type DemoArguments, parseDemoArguments, USAGE } from './arguments.ts';
import { findLocalEndpoint, START_IT } from './find-endpoint.ts';
import { createGraphqlClient } from './graphql-client.ts';
import { createFileIngester } from './ingest-file.ts';
import { createMediaApi, type MediaApi } from './media-api.ts';
import { describeProblem, Problem } from './problem.ts';
import { createProgress, type ProgressStream } from './progress.ts';
import { formatReport } from './report.ts';
import type { DemoFile, Row } from './row.ts';
import { createStatusPoller } from './status-poller.ts';

export const EXIT = { ok: 0, someWrong: 1, nothingSent: 2, interrupted: 130 } as const;

export interface DemoEnvironment {
  stdout: { write(text: string): unknown };
  stderr: ProgressStream;
  /** Where stack.json is, and `samples/` is made. */
  stateDir: string;
  /** What relative file names are relative to. */
  workingDirectory: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The whole command, without the process around it. Resolves with the exit status. */
export async function runDemo(argv: string[], environment: DemoEnvironment): Promise<number> {
  const { stdout, stderr, signal } = environment;
  try {
    const options = parseDemoArguments(argv);
    if (options.help) {
      stdout.write(USAGE);
      return EXIT.ok;
    }
    const api = await connect(options, environment);
    const files = await chooseFiles(options, environment);
    const rows = await ingestAll(files, api, options, environment);
    // After Ctrl-C what matters is which images exist by now, not the files that never left.
    const told = signal.aborted ? rows.filter(({ id }) => id !== null) : rows;
    stdout.write(`${options.json ? JSON.stringify(told, null, 2) : formatReport(told)}\n`);
    if (signal.aborted) {
      stderr.write(`demo: interrupted; ${rows.length - told.length} files were not sent\n`);
      return EXIT.interrupted;
    }
    return rows.every(({ ok }) => ok) ? EXIT.ok : EXIT.someWrong;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    stderr.write(`demo: ${describeProblem(error)}\n`);
    return EXIT.nothingSent;
  }
}

/** Asks before anything is sent: one clear sentence beats the same failure in every row. */
async function connect(options: DemoArguments, environment: DemoEnvironment): Promise<MediaApi> {
  const endpoint = options.api ?? (await findLocalEndpoint(environment.stateDir));
  const api = createMediaApi(createGraphqlClient(endpoint, environment.signal));
  try {
    await api.probe();
  } catch (error) {
    const hint = options.api === null ? `; ${START_IT}` : '';
    throw new Problem(`no Media API at ${endpoint.href}: ${describeProblem(error)}${hint}`);
  }
  return api;
}

async function chooseFiles(
  { files }: DemoArguments,
  { stateDir, workingDirectory }: DemoEnvironment,
): Promise<DemoFile[]> {
  if (files.length > 0) {
    return files.map((file) => ({
      file,
      path: path.resolve(workingDirectory, file),
      expectedFailure: null,
    }));
  }
  // Only here, because drawing needs sharp, and sending files does not.
  const { makeMissingSamples, SAMPLES } = await import('../samples/make-samples.ts');
  const paths = await makeMissingSamples(path.join(stateDir, 'samples'));
  return paths.map((samplePath, index) => ({
    file: path.basename(samplePath),
    path: samplePath,
    expectedFailure: SAMPLES[index]?.expectedFailure ?? null,
  }));
}

async function ingestAll(
  files: DemoFile[],
  api: MediaApi,
  { jobs, timeoutMs }: DemoArguments,
  { stderr, signal }: DemoEnvironment,
): Promise<Row[]> {
  const progress = createProgress(stderr, files.length);
  const ingest = createFileIngester({
    api,
    poller: createStatusPoller({ imageStates: api.imageStates, timeoutMs, signal }),
    jobs,
    signal,
    onSent: progress.sent,
    onReceived: progress.received,
  });
  const rows = await Promise.all(
    files.map(async (file) => {
      const row = await ingest(file);
      if (!signal.aborted) progress.finished(row);
      return row;
    }),
  );
  progress.end();
  return rows;
}
