import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

export interface BenchArguments {
  /** All of them unless some were named, in the order of the list. */
  benches: Bench[];
  /** Undefined: as many as the bench itself has. */
  rounds: number | undefined;
  json: string | undefined;
  /** Reports to read in place of measuring; a later one replaces what an earlier one has. */
  from: string[];
  writeDocs: boolean;
  strict: boolean;
  list: boolean;
  help: boolean;
  settings: Record<string, string>;
}

const OWN = {
  rounds: { type: 'string' },
  json: { type: 'string' },
  from: { type: 'string', multiple: true },
  'write-docs': { type: 'boolean' },
  strict: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const MAX_ROUNDS = 1_000;

/** @throws Error that says in one line what is wrong with the arguments */
export function parseBenchArguments(argv: string[], benches: readonly Bench[]): BenchArguments {
  const { positionals, settings, ...values } = read(argv, benches);
  const { from = [], 'write-docs': writeDocs = false } = values;
  const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = benches.map(({ name }) => name).join(', ');
    throw new Error(`no bench is called ${unknown.join(' or ')}; there are ${known}`);
  }
  const chosen = positionals.length > 0;
  if (from.length > 0 && (chosen || values.rounds !== undefined)) {
    throw new Error('--from reads what was measured: it takes neither names nor --rounds');
  }
  if (writeDocs && chosen) {
    throw new Error('--write-docs needs all benches: leave the names out, or add --from FILE');
  }
  return {
    benches: benches.filter(({ name }) => !chosen || positionals.includes(name)),
    rounds: values.rounds === undefined ? undefined : parseRounds(values.rounds),
    json: values.json,
    ...{ from, writeDocs, settings },
    strict: values.strict ?? false,
    list: values.list ?? false,
    help: values.help ?? false,
  };
}

function read(argv: string[], benches: readonly Bench[]) {
  const names = benches.flatMap(({ settings = {} }) => Object.keys(settings));
  const text = { type: 'string' } as const;
  const options = { ...Object.fromEntries(names.map((name) => [name, text])), ...OWN };
  const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options });
  // What the benches have added to the options, no type knows of.
  const given = Object.entries<unknown>(values).flatMap(([name, value]): [string, string][] =>
    names.includes(name) && typeof value === 'string' ? [[name, value]] : [],
  );
  return { ...values, positionals, settings: Object.fromEntries(given) };
}

function parseRounds(text: string): number {
  const rounds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new Error(`--rounds takes a whole number from 1 to ${MAX_ROUNDS}`);
}

export function listOf(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  return benches.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join('');
}

export function usageOf(benches: readonly Bench[]): string {
  const settings = benches.flatMap(({ name, settings: own = {} }) =>
    Object.entries(own).map(
      ([option, { initial, meaning }]) =>
        `${`  --${option} VALUE`.padEnd(22)}${name}: ${meaning} (default ${initial})\n`,
    ),
  );
  return `Usage: npm run bench [-- NAME... OPTIONS]

Measures the service against the limit of the machine, everything in the same run. Without names
all benches run, one after the other; the machine should have nothing else to do.

  --list              what benches there are
  --rounds N          how often everything is measured (default: each bench has its own number)
  --json FILE         writes everything measured, after each bench
  --write-docs        writes docs/benchmarks.md and its charts
  --from FILE         reads what --json has written in place of measuring; may be repeated, a
                      later file replaces the benches that an earlier one has, too
  --strict            exit status 1 also when a goal is not met
  --help              this text
${settings.join('')}
Exit status: 0 done, 1 a bench failed, 2 wrong usage, 130 interrupted.
`;
}
