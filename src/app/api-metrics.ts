import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ClusterProcess } from '../shared/cluster/cluster-process.ts';
import {
  merge,
  ofProcess,
  ofWork,
  readSamples,
  type Samples,
  totalsOf,
} from '../shared/telemetry/samples.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';

/** One answer for all processes of an API: their work added up, and how each of them is. */
export interface ApiMetrics extends Pick<Telemetry, 'scrape' | 'watchProcess'> {
  /** Keeps the totals of a process that has ended, so that no counter ever falls. */
  processEnded(process: ClusterProcess, died: boolean): void;
}

/** @param processes those that run at this moment */
export function createApiMetrics(processes: () => ClusterProcess[]): ApiMetrics {
  const registry = new Registry();
  let ended: Promise<Samples> = Promise.resolve([]);
  new Gauge({
    name: 'media_api_processes',
    help: 'API processes that are ready.',
    registers: [registry],
    collect() {
      const ready = processes().filter((one) => one.readyAt() !== undefined && !one.mayEnd());
      this.set(ready.length);
    },
  });
  const deaths = new Counter({
    name: 'media_api_processes_died_total',
    help: 'API processes that ended without being asked to.',
    registers: [registry],
  });

  /** One that is about to end still does some work, but its successor has its label. */
  async function ofRunning(one: ClusterProcess): Promise<Samples> {
    const samples = (await one.samples()) ?? [];
    return one.mayEnd()
      ? ofWork(samples)
      : [...ofWork(samples), ...ofProcess(samples, String(one.slot))];
  }

  return {
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    processEnded(process, died) {
      if (died) deaths.inc();
      const totals = totalsOf(process.lastSamples() ?? []);
      ended = ended.then((before) => readSamples(merge([before, totals])));
    },
    async scrape() {
      // Both of the same moment: who ends meanwhile is counted once.
      const [before, own, ...all] = await Promise.all([
        ended,
        readSamples(registry),
        ...processes().map(ofRunning),
      ]);
      const merged = merge([ofWork(own), ofProcess(own, 'primary'), ...all, before]);
      return { contentType: merged.contentType, body: await merged.metrics() };
    },
  };
}
