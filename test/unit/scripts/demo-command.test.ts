import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { captureDemo, type DemoBench, openDemoBench } from './demo-bench.ts';
import { startFakeMediaApi } from './fake-media-api.ts';

let bench: DemoBench;

beforeAll(async () => {
  bench = await openDemoBench();
});
beforeEach(() => bench.fake.misbehave({}));
afterAll(() => bench.close());

describe('when nothing can be sent', () => {
  it.each([
    ['an unknown option', ['--bogus'], /Unknown option '--bogus'/],
    ['no jobs', ['--jobs', '0'], /--jobs takes a whole number above 0 and up to 64/],
    ['half a job', ['--jobs', '1.5'], /--jobs takes a whole number/],
    ['a timeout that is none', ['--timeout', 'soon'], /--timeout takes a number/],
    ['an API that is no URL', ['--api', 'localhost'], /--api takes an http or https URL/],
  ])('exits with 2 for %s', async (_what, argv, message) => {
    const { status, stdout, stderr } = await captureDemo(argv, { directory: bench.directory });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('says how to start the stack when none was started', async () => {
    const { status, stderr } = await captureDemo(['a.png'], { directory: bench.directory });
    expect(stderr).toMatch(/^demo: [^\n]+; start it with: npm start\n$/);
    expect(status).toBe(2);
  });

  it('finds the stack by its file, and says how to start it when it is gone', async () => {
    const stateDir = await mkdtemp(path.join(bench.directory, 'state-'));
    const gone = await startFakeMediaApi();
    await writeFile(path.join(stateDir, 'stack.json'), JSON.stringify({ graphql: gone.endpoint }));
    const image = path.join(bench.directory, 'a.png');
    expect((await captureDemo([image], { directory: stateDir })).status).toBe(0);
    await gone.close();
    const { status, stderr } = await captureDemo([image], { directory: stateDir });
    expect(stderr).toMatch(/^demo: no Media API at http:\S+: .+; start it with: npm start\n$/);
    expect(status).toBe(2);
  });

  it('does not take any web server for a Media API', async () => {
    bench.fake.misbehave({
      breakGraphql: (_query, response) => Boolean(response.end('{"hello":1}')),
    });
    const { status, stderr } = await bench.demo('a.png');
    expect(stderr).toContain('not Media API GraphQL');
    expect(status).toBe(2);
  });

  it('prints its usage', async () => {
    const { status, stdout } = await captureDemo(['--help'], { directory: bench.directory });
    expect(stdout).toContain('--timeout SECONDS');
    expect(status).toBe(0);
  });
});

describe('interrupted', () => {
  it('exits with 130, tells of what was under way and leaves nothing running', async () => {
    const interrupt = new AbortController();
    bench.fake.misbehave({
      state(image) {
        if (image.asked > 0) interrupt.abort();
        return { status: 'PENDING' };
      },
    });
    const { status, stdout, stderr } = await captureDemo(['--api', bench.fake.endpoint, 'a.png'], {
      directory: bench.directory,
      signal: interrupt.signal,
    });
    expect(stdout).toMatch(/a\.png +image-1 +aborted +508/);
    expect(stderr).toContain('interrupted');
    expect(status).toBe(130);
  });
});
