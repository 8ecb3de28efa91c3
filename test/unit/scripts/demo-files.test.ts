import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { captureDemo, type DemoBench, JPEG, openDemoBench, PNG } from './demo-bench.ts';

let bench: DemoBench;

beforeAll(async () => {
  bench = await openDemoBench();
});
beforeEach(() => bench.fake.misbehave({}));
afterAll(() => bench.close());

describe('files that come out as they went in', () => {
  it('exits with 0 and gives each a line with its signed URL last, in the order given', async () => {
    const { status, stdout } = await bench.demo('b.jpg', 'a.png');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^FILE +ID +STATUS +BYTES +MS +URL$/);
    expect(lines[1]).toMatch(
      /^b\.jpg +image-\d +READY +90003 +\d+ {2}http:\S+\/down\/image-\d\?signed=1$/,
    );
    expect(lines[2]).toMatch(/^a\.png +image-\d +READY +508 +\d+ {2}http:\S+$/);
    expect(stdout).toContain('2 of 2 files came out as they went in.');
    expect(status).toBe(0);
  });

  it('uploads the very bytes with the returned headers, and nothing chunked', async () => {
    await bench.demo('b.jpg');
    const image = [...bench.fake.images.values()][0];
    expect(image?.fileName).toBe('b.jpg');
    expect(image?.bytes?.equals(JPEG)).toBe(true);
    const { host: _host, connection: _connection, ...headers } = image?.headers ?? {};
    expect(headers).toEqual({
      'content-type': 'image/jpeg',
      'content-length': '90003',
      'x-amz-meta-signed': 'yes',
    });
  });

  it('uploads on while others wait, and asks for many at once', async () => {
    const files = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const file = path.join(bench.directory, `many-${index}.png`);
        await writeFile(file, PNG);
        return file;
      }),
    );
    // Nobody is told anything before all are uploaded: waiting must take nobody's place.
    bench.fake.misbehave({
      state: () => ({
        status:
          [...bench.fake.images.values()].filter(({ bytes }) => bytes).length < 120
            ? 'PENDING'
            : 'READY',
      }),
    });
    const { status, rows } = await bench.demoRows('--jobs', '2', ...files);
    expect(status).toBe(0);
    expect(rows.map(({ file }) => file)).toEqual(files);
    expect(Math.max(...bench.fake.questions)).toBeGreaterThan(2);
  });

  it('outlives an API that is away for a moment while an image is pending', async () => {
    let failures = 2;
    bench.fake.misbehave({
      breakGraphql(query, response) {
        if (!query.includes('images(') || failures === 0) return false;
        failures -= 1;
        response.writeHead(503).end('<html>busy</html>');
        return true;
      },
    });
    expect((await bench.demoRows('a.png')).status).toBe(0);
  });

  it('tells of each finished file on stderr, on a terminal in one changing line', async () => {
    const plain = await bench.demo('a.png', 'notes.txt');
    expect(plain.stderr.split('\n').sort()).toEqual([
      '',
      '[1/2] notes.txt: unsupported type',
      '[2/2] a.png: READY',
    ]);
    const live = await captureDemo(['--api', bench.fake.endpoint, 'a.png'], {
      directory: bench.directory,
      isTTY: true,
    });
    expect(live.stderr).toContain('1/1 files, 508 B sent, 508 B fetched back');
    expect(live.stderr).not.toContain('\n');
    expect(live.stderr.endsWith('\r\u001b[2K')).toBe(true);
  });
});

describe('without files', () => {
  it('makes the samples once and expects the liar to be refused', async () => {
    const first = await bench.demo();
    expect(first.stdout).toMatch(
      /png-in-disguise\.jpg +\S+ +FAILED CONTENT_TYPE_MISMATCH, as expected/,
    );
    expect(first.stdout).toContain(
      '6 of 6 files as expected: 5 came out as they went in, 1 refused.',
    );
    expect(first.status).toBe(0);
    const types = [...bench.fake.images.values()].map(({ contentType }) => contentType);
    expect(new Set(types).size).toBe(5);
  });

  it('exits with 1 when the liar is taken for what it says', async () => {
    bench.fake.misbehave({ state: () => ({ status: 'READY' }) });
    const { status, stdout } = await bench.demo();
    expect(stdout).toContain('READY, not FAILED CONTENT_TYPE_MISMATCH as it must');
    expect(stdout).toContain('5 of 6');
    expect(status).toBe(1);
  });

  it('exits with 1 when the liar is refused for another reason', async () => {
    bench.fake.misbehave({
      state: ({ fileName }) =>
        fileName === 'png-in-disguise.jpg'
          ? { status: 'FAILED', failureReason: 'UNDECODABLE' }
          : { status: 'READY' },
    });
    expect((await bench.demo()).status).toBe(1);
  });
});
