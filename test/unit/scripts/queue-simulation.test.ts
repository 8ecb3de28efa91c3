import { describe, expect, it } from '@jest/globals';
import { createArrivals } from '../../../scripts/queue-simulation/arrivals.ts';
import { createRandom } from '../../../scripts/queue-simulation/random.ts';
import {
  createSimulation,
  type SimulationOptions,
} from '../../../scripts/queue-simulation/simulation.ts';
import type { SimulationResult } from '../../../scripts/queue-simulation/tally.ts';

/** One server that does one message a second, on average; nothing ever fails. */
const SINGLE: SimulationOptions = {
  ...{ seconds: 60_000, arrivalsPerSecond: 0.6, burst: null },
  ...{ workers: 1, concurrency: 1, cores: 1, ioSeconds: 0 },
  ...{ kinds: [{ name: 'any', share: 1, cpuMs: 1000 }], spread: 'exponential' },
  ...{ failRate: 0, lostRate: 0, visibilitySeconds: 60, retryDelaysSeconds: [5, 30] },
  ...{ maxReceives: 3, seed: 7 },
};

function simulate(options: Partial<SimulationOptions>): SimulationResult {
  const simulation = createSimulation({ ...SINGLE, ...options });
  while (simulation.advance(10_000));
  return simulation.result();
}

/** How far apart the two are, as a share of the second. */
function deviation(measured: number, known: number): number {
  return Math.abs(measured - known) / known;
}

/** Erlang's C: how likely a message finds all `servers` at work; `load` in servers. */
function waitingProbability(servers: number, load: number): number {
  let blocking = 1;
  for (let count = 1; count <= servers; count += 1) {
    blocking = (load * blocking) / (count + load * blocking);
  }
  const busy = load / servers;
  return blocking / (1 - busy + busy * blocking);
}

describe('the simulation of the queue', () => {
  // The seed is fixed, so these come out the same on every machine.
  it('waits as the formulas for one server have it', () => {
    const { wait, utilisation } = simulate({});
    expect(deviation(wait.meanSeconds, 0.6 / (1 - 0.6))).toBeLessThan(0.05);
    expect(deviation(wait.p95Seconds, Math.log(0.6 / 0.05) / (1 - 0.6))).toBeLessThan(0.05);
    expect(deviation(utilisation, 0.6)).toBeLessThan(0.02);
  });

  it('waits half as long when all messages take the same time', () => {
    const { wait } = simulate({ spread: 'fixed' });
    expect(deviation(wait.meanSeconds, 0.6 / (2 * (1 - 0.6)))).toBeLessThan(0.05);
  });

  it.each([
    [2, 1.4],
    [10, 8],
  ])('waits as the formula for %i servers has it', (workers, arrivalsPerSecond) => {
    const { wait } = simulate({ workers, arrivalsPerSecond, seconds: 80_000 / workers });
    const known = waitingProbability(workers, arrivalsPerSecond) / (workers - arrivalsPerSecond);
    expect(deviation(wait.meanSeconds, known)).toBeLessThan(0.05);
  });

  it('waits as the formula for mixed service times has it', () => {
    const kinds = [
      { name: 'small', share: 0.8, cpuMs: 250 },
      { name: 'large', share: 0.2, cpuMs: 3000 },
    ];
    const { wait, utilisation } = simulate({ kinds, spread: 'fixed' });
    const [mean, meanOfSquares] = [0.8 * 0.25 + 0.2 * 3, 0.8 * 0.25 ** 2 + 0.2 * 3 ** 2];
    const known = (0.6 * meanOfSquares) / (2 * (1 - 0.6 * mean));
    expect(deviation(wait.meanSeconds, known)).toBeLessThan(0.05);
    expect(deviation(utilisation, 0.6 * mean)).toBeLessThan(0.02);
  });

  it('takes the time of S3 and database from no core, and shares a core among its messages', () => {
    // Batches of ten that arrive all at once: one second of S3, then ten times 0.1 s of the core.
    const { done } = simulate({
      ...{ arrivalsPerSecond: 20, seconds: 1_000, concurrency: 10, ioSeconds: 1 },
      ...{ kinds: [{ name: 'any', share: 1, cpuMs: 100 }], spread: 'fixed' },
    });
    expect(deviation(done, 1_000 * 5)).toBeLessThan(0.01);
    const twice = simulate({
      ...{ arrivalsPerSecond: 20, seconds: 1_000, concurrency: 10, ioSeconds: 1, cores: 2 },
      ...{ kinds: [{ name: 'any', share: 1, cpuMs: 100 }], spread: 'fixed' },
    });
    expect(deviation(twice.done, (1_000 * 10) / 1.5)).toBeLessThan(0.01);
  });

  it('fills up in a burst and drains afterwards at the rate that is left', () => {
    const { maxBacklog, drainSeconds, oldestSeconds } = simulate({
      ...{ arrivalsPerSecond: 10, seconds: 3_000, workers: 20, spread: 'fixed' },
      burst: { factor: 10, startsAtSeconds: 300, endsAtSeconds: 500 },
    });
    // 100 come and 20 go, for 200 s; then 10 come and 20 go.
    expect(deviation(maxBacklog, 200 * 80)).toBeLessThan(0.02);
    expect(deviation(drainSeconds ?? 0, (200 * 80) / 10)).toBeLessThan(0.02);
    expect(deviation(oldestSeconds, (200 * 80) / 20)).toBeLessThan(0.02);
  });

  it('counts what waits still: a queue that only grows is no short wait', () => {
    const { left, wait, drainSeconds, oldestSeconds } = simulate({
      ...{ arrivalsPerSecond: 4, seconds: 10_000, spread: 'fixed' },
      burst: { factor: 2, startsAtSeconds: 10, endsAtSeconds: 20 },
    });
    expect(deviation(left.waiting, 30_000)).toBeLessThan(0.02);
    // Of those that came in time t, the one at 2500 s is received last, at 10,000 s.
    expect(deviation(wait.maxSeconds, 7_500)).toBeLessThan(0.02);
    expect(deviation(oldestSeconds, 7_500)).toBeLessThan(0.02);
    expect(drainSeconds).toBeNull();
  });

  it('counts what was never received at all', () => {
    const { wait, left, utilisation } = simulate({
      ...{ arrivalsPerSecond: 1, seconds: 1_000, spread: 'fixed' },
      kinds: [{ name: 'endless', share: 1, cpuMs: 3_600_000 }],
    });
    expect(left.inWork).toBe(1);
    // Of its hour, what is after the end does not count.
    expect(deviation(utilisation, 1)).toBeLessThan(0.02);
    expect(deviation(wait.maxSeconds, 1_000)).toBeLessThan(0.02);
    expect(deviation(wait.meanSeconds, 500)).toBeLessThan(0.1);
  });

  it('gives up after three receives, and gives messages back after their delays', () => {
    const { arrivals, dead, redelivered, oldestSeconds } = simulate({
      ...{ workers: 20, failRate: 0.2, spread: 'fixed' },
    });
    expect(deviation(dead / arrivals, 0.2 ** 3)).toBeLessThan(0.1);
    expect(deviation(redelivered / arrivals, 0.2 + 0.2 ** 2)).toBeLessThan(0.02);
    // Received at once, three times: three seconds of work, and the pauses of 5 and 30 seconds.
    expect(oldestSeconds).toBeCloseTo(38, 6);
  });

  it('gives what a worker has lost back after the visibility timeout, in flight until then', () => {
    const { dead, oldestSeconds, maxInFlight, redelivered } = simulate({
      ...{ seconds: 10_000, workers: 50, lostRate: 0.5, maxReceives: 2, spread: 'fixed' },
    });
    expect(dead).toBeGreaterThan(0);
    expect(oldestSeconds).toBeCloseTo(62, 6);
    expect(redelivered).toBeGreaterThan(0);
    // 0.6 a second, 1 s of work, half of them 60 s away and 1 s of work once more.
    expect(maxInFlight).toBeGreaterThan(0.6 * 31);
  });

  it.each<Partial<SimulationOptions>>([
    { arrivalsPerSecond: 3, workers: 2, concurrency: 2 },
    { failRate: 0.3, lostRate: 0.1, workers: 4 },
    { arrivalsPerSecond: 2, concurrency: 13, cores: 2, ioSeconds: 0.5, failRate: 0.9 },
  ])('loses no message and makes none: %j', (options) => {
    const simulation = createSimulation({ ...SINGLE, seconds: 1_000, ...options });
    for (let more = true; more; ) {
      more = simulation.advance(97);
      const { arrivals, done, dead, left } = simulation.result();
      expect(done + dead + left.waiting + left.inWork + left.returning).toBe(arrivals);
      expect(left.inWork).toBeLessThanOrEqual((options.workers ?? 1) * (options.concurrency ?? 1));
    }
    expect(simulation.result().utilisation).toBeLessThanOrEqual(1);
  });

  it('gives the same with the same seed, and something else with another', () => {
    expect(simulate({ seconds: 1_000, seed: 3 })).toEqual(simulate({ seconds: 1_000, seed: 3 }));
    expect(simulate({ seconds: 1_000, seed: 3 })).not.toEqual(
      simulate({ seconds: 1_000, seed: 4 }),
    );
  });

  it('sends every number of workers the same messages', () => {
    const [few, many] = [1, 50].map((workers) => simulate({ workers, seconds: 1_000 }));
    expect(few?.arrivals).toBe(many?.arrivals);
  });
});

describe('arrivals', () => {
  it('lose none where the burst begins and ends: one of factor 1 changes nothing', () => {
    const burst = { factor: 1, startsAtSeconds: 3, endsAtSeconds: 6 };
    const [plain, interrupted] = [null, burst].map((each) =>
      createArrivals(2, each, createRandom(5)),
    );
    for (let count = 0; count < 30; count += 1) {
      expect(interrupted?.()).toBeCloseTo(plain?.() ?? Number.NaN, 9);
    }
  });

  it('come at their rate before, in and after the burst', () => {
    const next = createArrivals(
      5,
      { factor: 20, startsAtSeconds: 4_000, endsAtSeconds: 4_400 },
      createRandom(1),
    );
    const counts = [0, 0, 0];
    for (let at = next(); at < 8_400; at = next()) {
      const stretch = at < 4_000 ? 0 : at < 4_400 ? 1 : 2;
      counts[stretch] = (counts[stretch] ?? 0) + 1;
    }
    for (const [stretch, expected] of [20_000, 40_000, 20_000].entries()) {
      expect(deviation(counts[stretch] ?? 0, expected)).toBeLessThan(0.02);
    }
  });
});
