import type { Sample } from './levels.ts';

/** One level, summed up. Latencies, in milliseconds, are those of answered requests. */
export interface LevelSummary {
  percent: number;
  /** Requests a second. */
  offered: number;
  answered: number;
  /** Shares of the offered ones, 0 to 1. */
  shed: number;
  failed: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
  /** Of refusals: how soon a caller knows. */
  shedP99: number | null;
  /** How late the load generator was, in milliseconds: a large one makes all others doubtful. */
  lateP99: number;
  peakMemoryMib: number;
  cpuSeconds: number;
}

/** The sample below which that share of the sorted ones are; NaN where there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function summarise(
  samples: readonly Sample[],
  level: Pick<LevelSummary, 'percent' | 'peakMemoryMib' | 'cpuSeconds'> & { seconds: number },
): LevelSummary {
  const { seconds, ...known } = level;
  const latencies = (outcome: Sample['outcome']) =>
    samples
      .filter((sample) => sample.outcome === outcome)
      .map(({ latencyMs }) => latencyMs)
      .sort((a, b) => a - b);
  const answered = latencies('answered');
  const shed = latencies('shed');
  const late = samples.map(({ lateMs }) => lateMs).sort((a, b) => a - b);
  return {
    ...known,
    lateP99: percentile(late, 0.99),
    offered: samples.length / seconds,
    answered: answered.length / seconds,
    shed: shed.length / samples.length,
    failed: (samples.length - answered.length - shed.length) / samples.length,
    p50: percentile(answered, 0.5),
    p95: percentile(answered, 0.95),
    p99: percentile(answered, 0.99),
    max: answered.at(-1) ?? Number.NaN,
    shedP99: shed.length === 0 ? null : percentile(shed, 0.99),
  };
}

const WINDOW_MS = 250;
/** How near to usual a window's median has to be. */
const NEAR = 3;

/**
 * How long after an overload until nothing is refused any more and the median is near its usual, in
 * milliseconds and windows of a quarter of a second; null where that did not happen.
 */
export function recoveryMs(after: readonly Sample[], usualMedianMs: number): number | null {
  const windows = new Map<number, Sample[]>();
  for (const sample of after) {
    const window = Math.floor(sample.dueMs / WINDOW_MS);
    windows.set(window, [...(windows.get(window) ?? []), sample]);
  }
  for (const [window, samples] of [...windows].sort(([a], [b]) => a - b)) {
    const sorted = samples.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    const isClean = samples.every(({ outcome }) => outcome === 'answered');
    if (isClean && percentile(sorted, 0.5) <= usualMedianMs * NEAR) return window * WINDOW_MS;
  }
  return null;
}
