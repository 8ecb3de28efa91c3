import path from 'node:path';
import { runDemo } from './run-demo.ts';

/** npm run demo: takes images through the running stack; see --help. */
const interrupted = new AbortController();
// Once: a second Ctrl-C ends the process the hard way.
process.once('SIGINT', () => interrupted.abort());
// Whoever reads the table may stop reading (`| head`); that is no fault of the demo's.
process.stdout.on('error', () => process.exit());

/** npm runs scripts in the checkout's root and says where it was called. */
const calledByNpm = process.env.npm_lifecycle_event === 'demo' ? process.env.INIT_CWD : undefined;

process.exitCode = await runDemo(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stateDir: path.resolve(import.meta.dirname, '../../.local'),
  workingDirectory: calledByNpm ?? process.cwd(),
  signal: interrupted.signal,
});
