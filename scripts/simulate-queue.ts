import { runCommand } from '../src/shared/command.ts';
import { runSimulationCommand } from './queue-simulation/command.ts';

/** npm run simulate:queue: how long uploads wait for a worker, by the number of workers; see --help. */
await runCommand((io) => runSimulationCommand(process.argv.slice(2), io));
