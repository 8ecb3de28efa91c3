/** npm run bench: how close the service comes to the limit of the machine; see --help. */
import path from 'node:path';
import { runCommand } from '../src/shared/command.ts';
import { allBenches } from './benches.ts';
import { runBenchCommand } from './kit/command.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
await runCommand((io) => runBenchCommand(process.argv.slice(2), io, allBenches, docs));
