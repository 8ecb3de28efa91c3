import { describe, expect, it, jest } from '@jest/globals';
import type { ImageState } from '../../../scripts/demo/media-api.ts';
import { createStatusPoller } from '../../../scripts/demo/status-poller.ts';

const never = new AbortController().signal;
/** No test waits for it. */
const A_LONG_TIME_MS = 600_000;

function state(id: string, status: string): ImageState {
  return { id, status, failureReason: null };
}

describe('status poller', () => {
  it('tells each image its own state, whatever the order of the answer', async () => {
    const poller = createStatusPoller({
      imageStates: async (ids) => ids.map((id) => state(id, `STATE OF ${id}`)).reverse(),
      timeoutMs: A_LONG_TIME_MS,
      signal: never,
    });
    const settled = await Promise.all(['a', 'b', 'c'].map((id) => poller.untilSettled(id)));
    expect(settled.map(({ status }) => status)).toEqual(['STATE OF a', 'STATE OF b', 'STATE OF c']);
  });

  it('asks for all that are due in one question, but for no more than 50', async () => {
    const questions: number[] = [];
    const poller = createStatusPoller({
      imageStates: async (ids) => {
        questions.push(ids.length);
        return ids.map((id) => state(id, 'READY'));
      },
      timeoutMs: A_LONG_TIME_MS,
      signal: never,
    });
    const ids = Array.from({ length: 120 }, (_, index) => `image-${index}`);
    const settled = await Promise.all(ids.map((id) => poller.untilSettled(id)));
    expect(settled.map(({ id }) => id)).toEqual(ids);
    // Each image once, fifty at most, and not image by image; a pause of the machine while they are
    // added may split the rest, so [50, 50, 20] is only the usual case.
    expect(questions.reduce((sum, count) => sum + count, 0)).toBe(ids.length);
    expect(Math.max(...questions)).toBe(50);
    expect(questions.length).toBeLessThan(10);
  });

  it('asks less and less often', async () => {
    const times: number[] = [];
    const poller = createStatusPoller({
      imageStates: async ([id = '']) => {
        times.push(performance.now());
        return [state(id, times.length < 5 ? 'PENDING' : 'READY')];
      },
      timeoutMs: A_LONG_TIME_MS,
      signal: never,
    });
    await poller.untilSettled('a');
    const [first = 0, ...later] = times;
    // 75 + 113 + 169 + 253 ms; a timer may be late, but never early.
    expect((later.at(-1) ?? 0) - first).toBeGreaterThan(550);
  });

  it('does not let a long wait delay an image that is new', async () => {
    const asked: string[][] = [];
    const poller = createStatusPoller({
      imageStates: async (ids) => {
        asked.push(ids);
        // The old one waits for good once the new one was asked for without it.
        const isNewThere = asked.some((some) => some.includes('new'));
        if (asked.length === 5) void settleNew();
        return ids.map((id) => state(id, isNewThere ? 'READY' : 'PENDING'));
      },
      timeoutMs: A_LONG_TIME_MS,
      signal: never,
    });
    const { promise: newSettled, resolve } = Promise.withResolvers<ImageState>();
    const settleNew = async () => resolve(await poller.untilSettled('new'));
    // A pause of the machine would make both due at once; this clock has none.
    jest.useFakeTimers();
    try {
      const old = poller.untilSettled('old');
      await jest.advanceTimersByTimeAsync(5_000);
      await newSettled;
      await old;
    } finally {
      jest.useRealTimers();
    }
    expect(asked[5]).toEqual(['new']);
  });

  it('fails an image that the API does not have, and only that one', async () => {
    const poller = createStatusPoller({
      imageStates: async () => [state('a', 'READY')],
      timeoutMs: A_LONG_TIME_MS,
      signal: never,
    });
    const [there, gone] = await Promise.allSettled(['a', 'b'].map(poller.untilSettled));
    expect(there).toMatchObject({ status: 'fulfilled' });
    expect(gone).toMatchObject({ reason: { message: 'the API has no image with this id' } });
  });

  it('names the last fault when the API was away until the end', async () => {
    const poller = createStatusPoller({
      imageStates: () => Promise.reject(new Error('the line is dead')),
      timeoutMs: 120,
      signal: never,
    });
    await expect(poller.untilSettled('a')).rejects.toThrow(
      'still pending after 0.12 s (the line is dead)',
    );
  });

  it('stops on abort', async () => {
    const abort = new AbortController();
    const poller = createStatusPoller({
      imageStates: async () => {
        abort.abort(new Error('enough'));
        return [state('a', 'PENDING')];
      },
      timeoutMs: 60_000,
      signal: abort.signal,
    });
    await expect(poller.untilSettled('a')).rejects.toThrow('enough');
    await expect(poller.untilSettled('b')).rejects.toThrow('enough');
  });
});
