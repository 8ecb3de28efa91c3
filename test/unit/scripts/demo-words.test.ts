import { describe, expect, it } from '@jest/globals';
import { contentTypeOfFile } from '../../../scripts/demo/content-type-of-file.ts';
import { displayWidth, pad } from '../../../scripts/demo/display-width.ts';
import { describeProblem } from '../../../scripts/demo/problem.ts';
import { formatReport } from '../../../scripts/demo/report.ts';
import { emptyRow } from '../../../scripts/demo/row.ts';
import { s3ErrorCode } from '../../../scripts/demo/s3-error.ts';

describe('content type of a file', () => {
  it.each([
    ['a.jpg', 'image/jpeg'],
    ['DSC_0001.JPEG', 'image/jpeg'],
    ['dir.gif/a.b.png', 'image/png'],
    ['a.WebP', 'image/webp'],
    ['a.avif', 'image/avif'],
    ['a.gif', 'image/gif'],
    ['a.heic', null],
    ['a.jpg.txt', null],
    ['jpg', null],
    ['.png', null],
  ])('%s is %s', (file, contentType) => {
    expect(contentTypeOfFile(file)).toBe(contentType);
  });
});

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['港の写真', 8],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
    ['📷', 2],
    ['👩‍👩‍👧', 2],
    ['🇯🇵', 2],
    ['❤️', 2],
    ['Ⅷ №1', 4],
    ['', 0],
  ])('%s takes %d columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('fills up by columns, not by characters', () => {
    expect(pad('港', 4, 'right')).toBe('港  ');
    expect(pad('7', 3, 'left')).toBe('  7');
    expect(pad('long', 2, 'right')).toBe('long');
  });
});

describe('report', () => {
  it('lines columns up under file names of any script, and cannot be broken by one', () => {
    const files = ['港の写真.jpg', 'a\n\u001b[2Jb.jpg', 'ab.jpg'];
    const rows = files.map((file) => ({
      ...emptyRow({ file, path: file, expectedFailure: null }),
      problem: 'no such file',
    }));
    const lines = formatReport(rows).split('\n');
    const columns = lines
      .slice(1, 4)
      .map((line) => displayWidth(line.split('-  no such')[0] ?? ''));
    expect(new Set(columns).size).toBe(1);
    expect(lines[2]).toContain('a \uFFFD[2Jb.jpg');
    expect(lines).toHaveLength(6);
  });
});

describe('problems', () => {
  it('finds the reason that fetch() hides, and never shows a stack', () => {
    const cause = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    expect(describeProblem(new TypeError('fetch failed', { cause }))).toBe('connection refused');
    const odd = new TypeError('fetch failed', { cause: new Error('odd\n  at file:///x.js') });
    expect(describeProblem(odd)).toBe('odd at file:///x.js');
    expect(describeProblem(new DOMException('The operation', 'TimeoutError'))).toBe(
      'no answer in time',
    );
  });

  it("reads S3's code and nothing else that looks like one", () => {
    expect(s3ErrorCode('<?xml version="1.0"?>\n<Error><Code>EntityTooLarge</Code></Error>')).toBe(
      'EntityTooLarge',
    );
    expect(s3ErrorCode('<html>403 Forbidden</html>')).toBeNull();
    expect(s3ErrorCode('<Code>\u001b[2J</Code>')).toBeNull();
  });
});
