import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type DemoBench, openDemoBench } from './demo-bench.ts';

let bench: DemoBench;

beforeAll(async () => {
  bench = await openDemoBench();
});
beforeEach(() => bench.fake.misbehave({}));
afterAll(() => bench.close());

describe('files that do not', () => {
  it('refuses by itself what is no image file, and still sends the others', async () => {
    const { status, rows } = await bench.demoRows(
      'notes.txt',
      'folder.gif',
      'missing.jpg',
      'a.png',
    );
    expect(rows.map(({ problem }) => problem)).toEqual([
      'unsupported type',
      'is a directory',
      'no such file',
      null,
    ]);
    expect(bench.fake.images.size).toBe(1);
    expect(status).toBe(1);
  });

  it('says why the service refused an image, and a named liar is no success', async () => {
    const { status, stdout } = await bench.demo('liar.jpg');
    expect(stdout).toMatch(/liar\.jpg +image-1 +FAILED CONTENT_TYPE_MISMATCH +508 +\d+ +-\n/);
    expect(stdout).not.toContain('as expected');
    expect(status).toBe(1);
  });

  it('notices one changed byte of the same length', async () => {
    bench.fake.misbehave({
      serve(image, response) {
        const changed = Buffer.from(image.bytes ?? []);
        changed.writeUInt8(changed.readUInt8(100) ^ 1, 100);
        response.end(changed);
      },
    });
    expect(await bench.problemWith('a.png')).toBe('came back with other bytes');
  });

  it('notices missing bytes', async () => {
    bench.fake.misbehave({ serve: (image, response) => response.end(image.bytes?.subarray(1)) });
    expect(await bench.problemWith('a.png')).toBe('came back with 507 bytes instead of 508');
  });

  it('names userErrors', async () => {
    bench.fake.misbehave({
      userErrors: [{ code: 'INVALID_FILE_NAME', message: 'file name is bad', field: 'fileName' }],
    });
    expect(await bench.problemWith('a.png')).toBe('INVALID_FILE_NAME: file name is bad');
  });

  it("names S3's error code, also when S3 answers before it has read the file", async () => {
    const file = path.join(bench.directory, 'large.jpg');
    await writeFile(file, Buffer.alloc(20_000_000));
    bench.fake.misbehave({
      refuseUpload(_request, response) {
        response.writeHead(403, { connection: 'close' });
        response.end('<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>');
      },
    });
    expect(await bench.problemWith('a.png')).toBe('upload refused: 403 SignatureDoesNotMatch');
    expect(await bench.problemWith(file)).toBe('upload refused: 403 SignatureDoesNotMatch');
  });

  it('survives an upload that is cut off', async () => {
    bench.fake.misbehave({ refuseUpload: (request) => request.destroy() });
    expect(await bench.problemWith('a.png')).toBe('connection lost');
  });

  it("names the edge's refusal and still shows the URL", async () => {
    bench.fake.misbehave({
      serve: (_image, response) =>
        response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
    });
    const { stdout } = await bench.demo('a.png');
    expect(stdout).toMatch(/READY, but download refused: 403 AccessDenied +508 +\d+ {2}http:/);
  });

  it('gives up on an image that stays pending', async () => {
    bench.fake.misbehave({ state: () => ({ status: 'PENDING' }) });
    expect(await bench.problemWith('a.png', '--timeout', '0.2')).toBe('still pending after 0.2 s');
  });

  it('shows errors of the API on one line without control characters', async () => {
    bench.fake.misbehave({
      breakGraphql(query, response) {
        if (!query.includes('createImageIngestUrl')) return false;
        response.writeHead(500);
        response.end(JSON.stringify({ errors: [{ message: 'internal\n\u001b[31merror' }] }));
        return true;
      },
    });
    expect(await bench.problemWith('a.png')).toBe('the API said: internal \uFFFD[31merror');
  });

  it('says it when the API answers no GraphQL any more', async () => {
    bench.fake.misbehave({
      breakGraphql(query, response) {
        if (!query.includes('createImageIngestUrl')) return false;
        response.writeHead(502).end('<html>');
        return true;
      },
    });
    expect(await bench.problemWith('a.png')).toBe('the API answered 502 Bad Gateway');
  });
});
