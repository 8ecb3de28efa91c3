import path from 'node:path';
import { runCommand } from '../src/shared/command.ts';
import { runMeasureCommand } from './cdn-measure/command.ts';

/** npm run cdn:measure: how fast pictures come from a CDN; see --help. */
const stateDir = path.resolve(import.meta.dirname, '../.local');
await runCommand((io) => runMeasureCommand(process.argv.slice(2), io, stateDir));
