/** npm run bench:load: what the API does with more requests than it can answer; see --help. */
import { writeFile } from 'node:fs/promises';
import { type CommandIo, describeError, EXIT, runCommand } from '../../src/shared/command.ts';
import { type LoadArguments, parseLoadArguments, USAGE } from './arguments.ts';
import { formatLoad, toBenchResult } from './report.ts';
import { runLoad } from './run.ts';

async function run({ stdout, stderr, signal }: CommandIo): Promise<number> {
  let options: LoadArguments;
  try {
    options = parseLoadArguments(process.argv.slice(2));
  } catch (error) {
    stderr.write(`${describeError(error)}\nSee npm run bench:load -- --help\n`);
    return EXIT.usage;
  }
  if (options.help) {
    stdout.write(USAGE);
    return EXIT.ok;
  }
  try {
    const progress = (text: string) => stderr.write(`${text}\n`);
    const result = await runLoad({ ...options, signal, progress });
    stdout.write(formatLoad(result));
    if (options.json !== undefined) {
      const { seconds, capacity, contestants } = result;
      const json = { ...toBenchResult(result), seconds, capacity, contestants };
      await writeFile(options.json, `${JSON.stringify(json, null, 2)}\n`);
    }
    return EXIT.ok;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    stderr.write(`${describeError(error)}\n`);
    return EXIT.failed;
  }
}

await runCommand(run);
