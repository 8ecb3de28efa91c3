import { expect, test } from '@jest/globals';
import { createPacer } from '../../../src/shared/pacer.ts';

/** A clock that goes on as far as it is slept. */
function startClock() {
  let time = 0;
  return {
    pass(milliseconds: number) {
      time += milliseconds;
    },
    now: () => time,
    async sleep(milliseconds: number) {
      time += milliseconds;
    },
  };
}

async function takeMany(pacer: ReturnType<typeof createPacer>, count: number): Promise<void> {
  for (let taken = 0; taken < count; taken += 1) await pacer.take();
}

test('requests are spread evenly, but for a tenth of a second that is made up for', async () => {
  const clock = startClock();
  const pacer = createPacer(100, clock);
  await takeMany(pacer, 1000);
  expect(clock.now()).toBeCloseTo(9_890);
  // An hour of silence earns nothing more than that.
  clock.pass(3_600_000);
  const start = clock.now();
  await takeMany(pacer, 100);
  expect(clock.now() - start).toBeCloseTo(890);
});

test('a complaint halves the rate, once a second at most; it grows back in twenty', async () => {
  const clock = startClock();
  const pacer = createPacer(100, clock);
  expect([pacer.slowDown(), pacer.slowDown(), pacer.rate()]).toEqual([true, false, 50]);
  clock.pass(1000);
  expect(pacer.rate()).toBeCloseTo(55);
  expect([pacer.slowDown(), pacer.rate()]).toEqual([true, 27.5]);
  const start = clock.now();
  await takeMany(pacer, 13);
  // The made-up tenth, and the rest at less than a third of the rate.
  expect(clock.now() - start).toBeGreaterThan(300);
  clock.pass(20_000);
  expect(pacer.rate()).toBe(100);
});

test('however many complain, a request a second goes out', () => {
  const clock = startClock();
  const pacer = createPacer(2, clock);
  for (let second = 0; second < 9; second += 1) {
    expect(pacer.slowDown()).toBe(true);
    expect(pacer.rate()).toBeGreaterThanOrEqual(1);
    clock.pass(1000);
  }
});

test('waiting ends on abort', async () => {
  const pacer = createPacer(0.001);
  await pacer.take();
  const controller = new AbortController();
  const waiting = pacer.take(controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await expect(pacer.take(controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
