import { describe, expect, test } from '@jest/globals';
import { type AuditJobId, noStats } from '../../../src/domain/format-audit.ts';
import { parseAuditArguments } from '../../../src/features/audit/audit-arguments.ts';
import { createAuditProgress, progressText } from '../../../src/features/audit/audit-progress.ts';
import { csvLine } from '../../../src/features/audit/audit-report.ts';
import { auditTable } from '../../../src/features/audit/audit-table.ts';
import type { FormatAuditJob } from '../../../src/shared/format-audit-jobs.ts';

describe('the arguments', () => {
  test('of a new job, and of one to go on with', () => {
    const start = { stage: 2, dryRun: true, prefix: '-a/', limit: 7, force: true };
    const all =
      '--stage 2 --dry-run --prefix=-a/ --limit 7 --force --json --report r.csv --report-left l.csv';
    expect(parseAuditArguments(all.split(' '))).toEqual({
      job: { start },
      json: true,
      report: 'r.csv',
      reportLeft: 'l.csv',
    });
    expect(parseAuditArguments(['--resume', 'mig_20260120_001'])).toEqual({
      job: { resume: 'mig_20260120_001' },
      json: false,
      report: undefined,
      reportLeft: undefined,
    });
    expect(parseAuditArguments(['--help'])).toBeNull();
  });

  test.each([
    [[], '--stage is missing'],
    [['--stage', '4'], '--stage takes 1, 2 or 3'],
    [['--stage', '1', '--limit', '0'], '--limit takes a whole number from 1 to 999999999'],
    [['--stage', '1', '--limit', '1e3'], '--limit takes a whole number from 1 to 999999999'],
    [['--stage', '1', '--report', ''], '--report takes the name of a file'],
    [['--stage', '1', '--report-left', ''], '--report-left takes the name of a file'],
    [['--resume', 'x', '--dry-run'], '--resume goes on with a job as it is: no --dry-run'],
    [['--stage', '1', '--dryrun'], "Unknown option '--dryrun'"],
    [['--stage', '1', 'a/'], "Unexpected argument 'a/'"],
  ])('%j are refused', (argv, message) => {
    expect(() => parseAuditArguments(argv)).toThrow(message);
  });
});

describe('the report', () => {
  test.each([
    ['a/b.png', 'a/b.png'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    [' a', '" a"'],
    ['a ', '"a "'],
    ['=1+1', '"=1+1"'],
    ['@a', '"@a"'],
    ['', ''],
  ])('has %j as %s', (field, written) => {
    expect(csvLine([field, 'x'])).toBe(`${written},x\r\n`);
  });
});

describe('the progress', () => {
  test.each([
    [
      { processed: 1200, from: 0, total: 4800, seconds: 6 },
      '[######------------------] 1200 of 4800 objects, 200/s, 18 s left',
    ],
    [
      { processed: 1200, from: 1000, total: 1_000_000, seconds: 100 },
      '[------------------------] 1200 of 1000000 objects, 2.0/s, 138.7 h left',
    ],
    [
      { processed: 60_000, from: 0, total: 120_000, seconds: 300 },
      '[############------------] 60000 of 120000 objects, 200/s, 5 min left',
    ],
    [{ processed: 1200, from: 0, total: null, seconds: 6 }, '1200 objects, 200/s'],
    [{ processed: 1200, from: 0, total: 1000, seconds: 6 }, '1200 objects, 200/s'],
    [
      { processed: 0, from: 0, total: 10, seconds: 0 },
      '[------------------------] 0 of 10 objects, 0.0/s',
    ],
  ])('%j', (reached, text) => {
    expect(progressText(reached)).toBe(text);
  });

  function written(isTTY: boolean, times: number[]): string[] {
    const texts: string[] = [];
    let now = 0;
    const output = { isTTY, write: (text: string) => texts.push(text) };
    const progress = createAuditProgress(output, { from: 0, total: null, now: () => now });
    for (const [n, time] of times.entries()) {
      now = time;
      progress.at((n + 1) * 1000);
    }
    progress.end();
    return texts;
  }

  test('is one line that changes on a terminal, and is gone at the end', () => {
    expect(written(true, [1000, 1050, 2000])).toEqual([
      '\r\u001b[2K1000 objects, 1000/s',
      '\r\u001b[2K3000 objects, 1500/s',
      '\r\u001b[2K',
    ]);
  });

  test('is a line every few seconds elsewhere', () => {
    expect(written(false, [1000, 5000, 6000, 10_000])).toEqual([
      '2000 objects, 400/s\n',
      '4000 objects, 400/s\n',
    ]);
  });
});

test('the table shows what belongs to the stage, what else there is, and ten errors', () => {
  const at = new Date(0);
  const job: FormatAuditJob = {
    ...{ id: 'mig_20260120_001' as AuditJobId, stage: 3, status: 'completed', prefix: '' },
    ...{ dryRun: true, limit: null, force: false, checkpoint: null, pages: 1, failures: 0 },
    stats: { ...noStats(), processed: 1300, deleted: 1288, errors: 11, already_correct: 1 },
    errors: Array.from({ length: 11 }, (_, n) => ({ key: `k\u001b[31m${n}`, reason: 'archived' })),
    ...{ left: [], createdAt: at, startedAt: at, completedAt: at, updatedAt: at },
  };
  const errors = Array.from({ length: 10 }, (_, n) => `k\u{fffd}[31m${n}: archived`);
  expect(auditTable(job).split('\n')).toEqual([
    'mig_20260120_001: stage 3, completed',
    'Dry run: nothing was changed.',
    'looked at               1300',
    'would be deleted        1288',
    'left: there is no .jpg     0',
    'left: not JPEG             0',
    'skipped                    0',
    'errors                    11',
    'right already              1',
    ...errors,
    'and 1 more',
    '',
  ]);
});
