/**
 * npm run bench:audit [-- --objects N --rounds N --json FILE]: objects per second and requests per
 * object of the audit's stage 1, beside the plain way, and what memory it takes. --rounds 0: memory
 * alone.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { AuditAnswer } from './audit-messages.ts';
import { type Contestant, startSurroundings, WRONG_ONE_IN } from './audit-surroundings.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const objects = Number(values.objects);
const rounds = Number(values.rounds);
const few = Math.ceil(objects / 10);

const MEBIBYTE = 1024 * 1024;
const WAYS = ['audit', 'plain'] as const;
const CASES = ['one in ten wrong', 'all right'] as const;

interface Sample {
  way: (typeof WAYS)[number];
  what: (typeof CASES)[number];
  answer: AuditAnswer;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function report(samples: Sample[]) {
  return CASES.flatMap((what) => {
    const rows = WAYS.map((way) => {
      const answers = samples.flatMap((each) =>
        each.way === way && each.what === what ? [each.answer] : [],
      );
      return {
        ...{ what, way },
        objectsPerSecond: objects / median(answers.map(({ wallSeconds }) => wallSeconds)),
        objectsPerCpuSecond: objects / median(answers.map(({ cpuSeconds }) => cpuSeconds)),
        requestsPerObject: median(answers.map(({ requests }) => requests)) / objects,
      };
    });
    const plain = rows.find(({ way }) => way === 'plain');
    return rows.map((row) => ({
      ...row,
      ratio: row.objectsPerSecond / (plain?.objectsPerSecond ?? Number.NaN),
    }));
  });
}

function print(rows: ReturnType<typeof report>): void {
  const columns = (texts: string[]) => texts.map((text) => text.padStart(12)).join('');
  const titles = ['objects/s', 'per CPU s', 'requests', 'ratio'];
  console.log(`${objects} objects`.padEnd(26), columns(titles));
  for (const row of rows) {
    const numbers = [
      row.objectsPerSecond.toFixed(0),
      row.objectsPerCpuSecond.toFixed(0),
      row.requestsPerObject.toFixed(3),
      row.ratio.toFixed(2),
    ];
    console.log(`${row.what}: ${row.way}`.padEnd(26), columns(numbers));
  }
}

const surroundings = await startSurroundings();
const contestants: Contestant[] = [];
try {
  console.error(`storing ${objects} objects ...`);
  await surroundings.fill(objects);

  async function begin(way: Sample['way']): Promise<Contestant> {
    const contestant = await surroundings.start(way);
    contestants.push(contestant);
    return contestant;
  }

  /** A process of its own for each: what has been resident is not given back. */
  async function peakOver(count: number): Promise<number> {
    await surroundings.spoil(objects);
    const contestant = await begin('audit');
    const { peakRssBytes } = await contestant.run(count);
    await contestant.stop();
    return peakRssBytes / MEBIBYTE;
  }

  const samples: Sample[] = [];
  const ways = { audit: await begin('audit'), plain: await begin('plain') };
  // Interleaved, so that a change of the machine's pace hits both. The first round warms up.
  for (let round = 0; rounds > 0 && round <= rounds; round += 1) {
    const count = round === 0 ? few : objects;
    for (const way of WAYS) {
      await surroundings.spoil(objects);
      for (const what of CASES) {
        const answer = await ways[way].run(count);
        const wrong = what === 'all right' ? 0 : Math.ceil(count / WRONG_ONE_IN);
        if (answer.fixed !== wrong) throw new Error(`${way} fixed ${answer.fixed}, not ${wrong}`);
        if (round > 0) samples.push({ way, what, answer });
      }
    }
    console.error(`round ${round} of ${rounds}${round === 0 ? ' (warming up)' : ''}`);
  }
  const results = report(samples);
  if (rounds > 0) print(results);

  const [peakOfFew, peakOfAll] = [await peakOver(few), await peakOver(objects)];
  console.log(
    `resident memory at its peak: ${peakOfFew.toFixed(0)} MiB over ${few} objects,`,
    `${peakOfAll.toFixed(0)} MiB over ${objects}: ${(peakOfAll / peakOfFew).toFixed(2)} times`,
  );
  if (values.json) {
    const content = { objects, rounds, results, few, peakOfFew, peakOfAll };
    await writeFile(values.json, `${JSON.stringify(content, null, 2)}\n`);
  }
} finally {
  for (const contestant of contestants) await contestant.stop();
  await surroundings.close();
}
