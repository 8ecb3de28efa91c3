import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import {
  addMany,
  bodies,
  type DeadLetterBench,
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

describe('list', () => {
  test('says of every message what it is and why it is there', async () => {
    const moved = await bench.failThreeTimes(UPLOAD);
    const givenUp = await bench.addDeadLetter('<xml/>', {
      Reason: text('the message is not JSON'),
      OriginalMessageId: text('id-in-the-log'),
    });
    const { status, stdout, stderr } = await bench.run(['list', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const letters = JSON.parse(stdout);
    expect(letters).toEqual([
      {
        id: moved,
        sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        receiveCount: 5,
        reason: null,
        why: 'failed 3 times',
        logMessageId: moved,
        event: 'upload',
        images: [IMAGE],
      },
      {
        id: givenUp,
        sentAt: expect.any(String),
        receiveCount: 1,
        reason: 'the message is not JSON',
        why: 'the message is not JSON',
        logMessageId: 'id-in-the-log',
        event: 'none: the message is not JSON',
        images: [],
      },
    ]);
    const table = await bench.run(['list']);
    const [header, first, second] = table.stdout.split('\n');
    expect(header).toMatch(/^ID +AGE +RECEIVED +EVENT +IMAGES +WHY$/);
    expect(first).toMatch(new RegExp(`^${moved} .+ ${IMAGE} +failed 3 times \\(log: ID\\)$`));
    expect(second).toMatch(new RegExp(`^${givenUp} .+ the message is not JSON$`));
    expect(table.stdout).toContain("in the worker's log, under the ID as messageId");
  });

  test('shows all, not ten, each once, and hides none of them afterwards', async () => {
    const ids = await addMany(bench, 25);
    const { status, stdout } = await bench.run(['list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(bodies(await bench.takeDeadLetters())).toEqual(namesTo(25));
  });

  test('takes no more than its limit', async () => {
    await addMany(bench, 14);
    const { stdout } = await bench.run(['list', '--json', '--limit', '12']);
    expect(JSON.parse(stdout)).toHaveLength(12);
    expect(await bench.takeDeadLetters()).toHaveLength(14);
  });

  test('ends although messages keep coming round', async () => {
    await addMany(bench, 2);
    // As if hiding did not work.
    bench.proxy.judge(({ action, body }) => {
      // Nor does it know how many there are.
      if (action === 'GetQueueAttributes') return { status: 403 };
      if (action !== 'ReceiveMessage') return 'pass';
      return { body: JSON.stringify({ ...JSON.parse(body), VisibilityTimeout: 0 }) };
    });
    const { status, stdout } = await bench.run(['list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(2);
  });

  test('says so when the queue is empty, and when another reader has what is in it', async () => {
    expect((await bench.run(['list'])).stdout).toBe('The dead-letter queue is empty.\n');
    expect((await bench.run(['list', '--json'])).stdout).toBe('[]\n');
    await addMany(bench, 1);
    const asking = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    bench.proxy.judge(async ({ action }): Promise<Verdict> => {
      if (action === 'ChangeMessageVisibilityBatch') {
        asking.resolve();
        await goOn.promise;
      }
      return 'pass';
    });
    const first = bench.run(['list', '--limit', '1']);
    await asking.promise;
    const second = await bench.run(['list', '--json']);
    goOn.resolve();
    await first;
    expect(second.stdout).toBe('[]\n');
    expect(second.stderr).toMatch(/about 1 more message hidden by another reader/);
  });
});

describe('show', () => {
  test('tells everything about one message, found by either of its ids', async () => {
    const attributes = { Reason: text('bad'), OriginalMessageId: text('logged') };
    const id = await bench.addDeadLetter(UPLOAD, attributes);
    await addMany(bench, 3);
    const { status, stdout } = await bench.run(['show', id]);
    expect(status).toBe(0);
    expect(stdout).toContain("messageId logged in the worker's log");
    expect(stdout).toContain(`ingest/${IMAGE} in media, version v1`);
    expect(stdout.endsWith(`\n\n${JSON.stringify(JSON.parse(UPLOAD), null, 2)}\n`)).toBe(true);
    const json = await bench.run(['show', 'logged', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { id, body: UPLOAD, attributes: { Reason: { dataType: 'String', value: 'bad' } } },
    ]);
    expect(await bench.takeDeadLetters()).toHaveLength(4);
  });

  test('cannot be made to write control characters to the terminal', async () => {
    const key = 'ingest/\u009b31m\u202e';
    const plain = await bench.addDeadLetter('bell\u0085\ncolour\u009b31m');
    const event = await bench.addDeadLetter(eventBody({ key }));
    const shown = await bench.run(['show', plain]);
    expect(shown.stdout).toContain('bell\\u0085\ncolour\\u009b31m\n');
    const json = await bench.run(['list', '--json']);
    const others = [await bench.run(['show', event]), await bench.run(['list'])];
    for (const { stdout: printed } of [shown, json, ...others]) {
      expect(printed).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    }
    expect(JSON.parse(json.stdout)).toContainEqual(expect.objectContaining({ images: [key] }));
  });

  test('fails when there is no such message', async () => {
    await addMany(bench, 1);
    const { status, stdout, stderr } = await bench.run(['show', 'nowhere']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe('dlq: no message "nowhere" in the dead-letter queue\n');
  });
});

describe('a command that cannot work', () => {
  test.each([
    [[], /a command is missing/],
    [['lost'], /unknown command "lost"/],
    [['list', 'x'], /list takes no ID/],
    [['list', '--limit', '0'], /--limit/],
    [['list', '--all'], /--all is for redrive only/],
    [['show'], /show takes one ID/],
    [['show', 'a', 'b'], /show takes one ID/],
    [['redrive'], /either IDs or --all/],
    [['redrive', 'a', '--all'], /either IDs or --all/],
    [['discard', '--yes'], /at least one ID/],
    [['discard', '', '--yes'], /an ID is empty/],
    [['list', '--jsno'], /--jsno/],
  ])('%j is wrong usage', async (argv, problem) => {
    const { status, stdout, stderr } = await bench.run(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(problem);
    expect(stderr).toMatch(/^dlq: [^\n]+; see --help\n$/);
    expect(bench.proxy.passed).toEqual([]);
  });

  test('--help needs no queue', async () => {
    const { status, stdout } = await bench.run(['redrive', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: npm run dlq/);
    expect(bench.proxy.passed).toEqual([]);
  });

  test('says in one line what is wrong with the queue', async () => {
    bench.proxy.judge(() => 'cut');
    const { status, stdout, stderr } = await bench.run(['list', '--json']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^dlq: [^\n]+\n$/);
  });

  test('gives back what it has when the queue fails in the middle', async () => {
    await addMany(bench, 12);
    let receives = 0;
    bench.proxy.judge(({ action }) => {
      if (action === 'ReceiveMessage') receives += 1;
      return action === 'ReceiveMessage' && receives > 1 ? { status: 403 } : 'pass';
    });
    expect((await bench.run(['redrive', '--all'])).status).toBe(1);
    expect(await bench.takeFromSource()).toEqual([]);
    expect(await bench.takeDeadLetters()).toHaveLength(12);
  });

  test('works without the permission to ask for the number of messages', async () => {
    await addMany(bench, 1);
    bench.proxy.judge(({ action }) => (action === 'GetQueueAttributes' ? { status: 403 } : 'pass'));
    const { status, stdout } = await bench.run(['list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ why: 'failed too often' }]);
  });

  test('touches nothing when the two queues are swapped', async () => {
    await bench.failThreeTimes('dead');
    const { SQS_MEDIA_QUEUE_URL: live = '', SQS_MEDIA_DLQ_URL: dead = '' } = bench.environment;
    const swapped = { ...bench.environment, SQS_MEDIA_QUEUE_URL: dead, SQS_MEDIA_DLQ_URL: live };
    const { status, stderr } = await bench.run(['redrive', '--all'], { environment: swapped });
    expect(status).toBe(1);
    expect(stderr).toBe(
      'dlq: SQS_MEDIA_DLQ_URL is not the dead-letter queue of SQS_MEDIA_QUEUE_URL\n',
    );
    expect(bench.proxy.passed.map(({ action }) => action)).not.toContain('ReceiveMessage');
  });

  test('names every variable that is missing or wrong', async () => {
    const same = 'http://127.0.0.1:9/queue';
    const missing = await bench.run(['list'], { environment: {} });
    expect(missing).toMatchObject({ status: 2, stdout: '' });
    expect(missing.stderr).toMatch(
      /AWS_REGION is missing\n +SQS_MEDIA_QUEUE_URL .+\n +SQS_MEDIA_DLQ/,
    );
    const environment = { AWS_REGION: 'r', SQS_MEDIA_QUEUE_URL: same, SQS_MEDIA_DLQ_URL: same };
    const twice = await bench.run(['list'], { environment });
    expect(twice.status).toBe(2);
    expect(twice.stderr).toContain('SQS_MEDIA_DLQ_URL must be another queue');
  });
});
