import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import {
  addMany,
  bodies,
  type DeadLetterBench,
  nameOf,
  namesTo,
  openDeadLetterBench,
  text,
} from '../support/dead-letters.ts';
import type { Verdict } from '../support/http-proxy.ts';
import { eventBody } from '../support/s3-events.ts';

let bench: DeadLetterBench;

beforeAll(async () => {
  bench = await openDeadLetterBench();
});
afterEach(async () => {
  bench.proxy.judge(() => 'pass');
  bench.proxy.passed.length = 0;
  await bench.takeDeadLetters();
  await bench.takeFromSource();
});
afterAll(() => bench.close());

const IMAGE: ImageId = newImageId();
const UPLOAD = eventBody({ key: ingestKey(IMAGE), versionId: 'v1' });

describe('redrive', () => {
  test('puts back what was named, with its attributes, without the old verdict', async () => {
    const mine = {
      Tenant: text('a'),
      Count: { DataType: 'Number', StringValue: '7' },
      Blob: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
    };
    const verdict = { Reason: text('bad'), OriginalMessageId: text('logged') };
    const id = await bench.addDeadLetter(UPLOAD, { ...mine, ...verdict });
    await addMany(bench, 2);
    const { status, stdout } = await bench.run(['redrive', id]);
    expect(status).toBe(0);
    const [message, ...more] = await bench.takeFromSource();
    expect(more).toEqual([]);
    expect(message).toMatchObject({ Body: UPLOAD, MessageAttributes: mine });
    expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual([
      'Blob',
      'Count',
      'Tenant',
    ]);
    expect(stdout).toBe(`redriven ${id} as ${message?.MessageId}: upload ${IMAGE}\n1 redriven.\n`);
    expect(bodies(await bench.takeDeadLetters())).toEqual(namesTo(2));
  });

  test('deletes no message before the source queue has it', async () => {
    await addMany(bench, 12);
    const sent = new Set<string>();
    const tooEarly: string[] = [];
    bench.proxy.judge((request) => {
      if (request.action === 'DeleteMessage') {
        const answered = bench.proxy.passed.filter(
          ({ action, answered }) => action === 'SendMessage' && answered,
        ).length;
        const deletes = bench.proxy.passed.filter(
          ({ action }) => action === 'DeleteMessage',
        ).length;
        if (deletes > answered) tooEarly.push(request.body);
      }
      if (request.action === 'SendMessage') sent.add(request.body);
      return 'pass';
    });
    const { status, stdout } = await bench.run(['redrive', '--all', '--json']);
    expect(status).toBe(0);
    expect(tooEarly).toEqual([]);
    expect(sent.size).toBe(12);
    const lines: { outcome: string; newId: string }[] = JSON.parse(stdout);
    expect(lines.map(({ outcome }) => outcome)).toEqual(Array(12).fill('redriven'));
    const messages = await bench.takeFromSource();
    expect(messages.map(({ MessageId }) => MessageId).sort()).toEqual(
      lines.map(({ newId }) => newId).sort(),
    );
    expect(bodies(messages)).toEqual(namesTo(12));
    expect(await bench.takeDeadLetters()).toEqual([]);
  });

  test('leaves a message where it is when the source queue does not take it', async () => {
    await addMany(bench, 3);
    bench.proxy.judge(({ action, body }) =>
      action === 'SendMessage' && body.includes(nameOf(1)) ? { status: 403 } : 'pass',
    );
    const { status, stdout } = await bench.run(['redrive', '--all']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^failed [\w-]+ .+$/m);
    expect(stdout).toMatch(/\n(2 redriven, 1 failed|1 failed, 2 redriven)\.\n$/);
    expect(bodies(await bench.takeFromSource())).toEqual([nameOf(0), nameOf(2)]);
    expect(bodies(await bench.takeDeadLetters())).toEqual([nameOf(1)]);
  });

  test('says so when a message is in both queues', async () => {
    const [id] = await addMany(bench, 1);
    bench.proxy.judge(({ action }) => (action === 'DeleteMessage' ? { status: 403 } : 'pass'));
    const { status, stdout } = await bench.run(['redrive', id ?? '']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^failed [\w-]+ is in the media queue as [\w-]+, but still here, too: /);
    expect(await bench.takeFromSource()).toHaveLength(1);
    expect(await bench.takeDeadLetters()).toHaveLength(1);
  });

  test('takes what was there at the start, not what comes back meanwhile', async () => {
    await addMany(bench, 3);
    // A worker that gives every message up at once.
    bench.proxy.judge(async ({ action }): Promise<Verdict> => {
      if (action === 'SendMessage') await bench.addDeadLetter('came back');
      return 'pass';
    });
    expect((await bench.run(['redrive', '--all'])).stdout).toMatch(/\n3 redriven\.\n$/);
    expect(bodies(await bench.takeFromSource())).toEqual(namesTo(3));
    expect(bodies(await bench.takeDeadLetters())).toEqual(Array(3).fill('came back'));
  });

  test('does what it can when some are not there', async () => {
    const [id] = await addMany(bench, 2);
    const { status, stdout, stderr } = await bench.run(['redrive', 'nowhere', id ?? '', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { id, outcome: 'redriven' },
      { id: 'nowhere', outcome: 'not_found', newId: null },
    ]);
    expect(stderr).toContain('no message "nowhere"');
    expect(await bench.takeDeadLetters()).toHaveLength(1);
  });

  test('of all asks on a terminal, unless told', async () => {
    await addMany(bench, 2);
    for (const typed of ['\n', 'n\n', 'yesterday\n', '']) {
      const { status, stdout, stderr } = await bench.run(['redrive', '--all'], { typed });
      expect({ typed, status, stdout }).toEqual({ typed, status: 1, stdout: '' });
      expect(stderr).toMatch(/^Put 2 messages back into the media queue\? \[y\/N\] /);
    }
    expect(await bench.takeFromSource()).toEqual([]);
    expect((await bench.run(['redrive', '--all'], { typed: 'y\n' })).status).toBe(0);
    expect(await bench.takeFromSource()).toHaveLength(2);
    await addMany(bench, 1);
    const told = await bench.run(['redrive', '--all', '--yes'], { typed: '' });
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(await bench.takeFromSource()).toHaveLength(1);
  });
});

describe('discard', () => {
  test('deletes what was named, and prints the last copy of it', async () => {
    const [id] = await addMany(bench, 2);
    const { status, stdout } = await bench.run(['discard', id ?? '', '--yes', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ id, outcome: 'discarded', body: nameOf(0) }]);
    expect(bodies(await bench.takeDeadLetters())).toEqual([nameOf(1)]);
  });

  test('deletes nothing without a yes', async () => {
    const [id = ''] = await addMany(bench, 1);
    const unasked = await bench.run(['discard', id]);
    expect(unasked).toMatchObject({ status: 2, stdout: '' });
    expect(unasked.stderr).toMatch(/--yes/);
    expect(bench.proxy.passed).toEqual([]);
    expect((await bench.run(['discard', id], { typed: 'no\n' })).status).toBe(1);
    expect(await bench.takeDeadLetters()).toHaveLength(1);
    const [again = ''] = await addMany(bench, 1);
    const agreed = await bench.run(['discard', again], { typed: 'Y\n' });
    expect(agreed).toMatchObject({ status: 0 });
    expect(agreed.stdout).toMatch(new RegExp(`^discarded ${again} .+\n1 discarded\\.\n$`));
    expect(await bench.takeDeadLetters()).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  test('while reading gives everything back at once', async () => {
    await addMany(bench, 25);
    for (const command of [['list'], ['redrive', '--all'], ['show', 'x'], ['discard', 'x', '-y']]) {
      const interrupted = new AbortController();
      let receives = 0;
      bench.proxy.judge(({ action }) => {
        if (action === 'ReceiveMessage') receives += 1;
        // In the middle of a receive, whose messages must not be lost sight of.
        if (receives === 2) interrupted.abort();
        return 'pass';
      });
      const { status, stdout } = await bench.run(command, { signal: interrupted.signal });
      expect({ status, stdout, receives }).toEqual({ status: 130, stdout: '', receives: 2 });
    }
    expect(await bench.takeFromSource()).toEqual([]);
    expect(bodies(await bench.takeDeadLetters())).toEqual(namesTo(25));
  });

  test('while redriving finishes what was begun and leaves the rest', async () => {
    await addMany(bench, 25);
    const interrupted = new AbortController();
    bench.proxy.judge(({ action }) => {
      if (action === 'DeleteMessage') interrupted.abort();
      return 'pass';
    });
    const { signal } = interrupted;
    const { status, stdout, stderr } = await bench.run(['redrive', '--all', '--json'], { signal });
    expect(status).toBe(130);
    const redriven = await bench.takeFromSource();
    expect(redriven).toHaveLength(JSON.parse(stdout).length);
    expect(redriven.length).toBeLessThan(25);
    expect(stderr).toBe(`dlq: interrupted: ${25 - redriven.length} messages left as before\n`);
    const left = await bench.takeDeadLetters();
    expect(bodies([...redriven, ...left])).toEqual(namesTo(25));
  });
});
