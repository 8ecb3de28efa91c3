import { expect, test } from '@jest/globals';
import { createDependencyGate } from '../../../src/shared/dependency-gate.ts';
import { captureLog } from '../../support/log.ts';

const { logger, lines } = captureLog();

/** A probe that tells how often it was asked and fails as often as it is told. */
function makeProbe(failures = 0) {
  const probe = {
    asked: 0,
    failures,
    async assertReady() {
      probe.asked += 1;
      if (probe.asked <= probe.failures) throw new Error('away');
    },
  };
  return probe;
}

function never(): AbortSignal {
  return new AbortController().signal;
}

test('starts in doubt, then asks no more', async () => {
  const probe = makeProbe();
  const gate = createDependencyGate(probe.assertReady, logger, never());
  await gate.pass();
  expect(probe.asked).toBe(1);
  await gate.pass();
  await gate.pass();
  expect(probe.asked).toBe(1);
});

test('asks again after a doubt, once', async () => {
  const probe = makeProbe();
  const gate = createDependencyGate(probe.assertReady, logger, never());
  await gate.pass();
  gate.doubt();
  gate.doubt();
  await Promise.all([gate.pass(), gate.pass(), gate.pass()]);
  expect(probe.asked).toBe(2);
});

test('holds everybody back until all is well, and says why', async () => {
  const probe = makeProbe(1);
  const gate = createDependencyGate(probe.assertReady, logger, never());
  const passed: number[] = [];
  await Promise.all([1, 2, 3].map(() => gate.pass().then(() => passed.push(probe.asked))));
  expect(passed).toEqual([2, 2, 2]);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'worker.waiting_for_dependencies', failures: 1 }),
  );
});

test('a doubt that comes up while asking counts', async () => {
  const probe = makeProbe();
  const { promise: answer, resolve: answerNow } = Promise.withResolvers<void>();
  const gate = createDependencyGate(
    async () => {
      await probe.assertReady();
      if (probe.asked === 1) await answer;
    },
    logger,
    never(),
  );
  const first = gate.pass();
  gate.doubt();
  answerNow();
  await first;
  await gate.pass();
  expect(probe.asked).toBe(2);
});

test('lets go when stopping, in the middle of a wait or before it', async () => {
  const stopping = new AbortController();
  const probe = makeProbe(Number.POSITIVE_INFINITY);
  const { promise: asked, resolve: nowAsked } = Promise.withResolvers<void>();
  const gate = createDependencyGate(
    async () => {
      nowAsked();
      await probe.assertReady();
    },
    logger,
    stopping.signal,
  );
  const passing = gate.pass();
  await asked;
  stopping.abort();
  await passing;
  const soFar = probe.asked;
  await gate.pass();
  expect(probe.asked).toBe(soFar);
});
