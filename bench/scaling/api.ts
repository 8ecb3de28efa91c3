import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../src/start/api.ts', import.meta.url));
const CPU = /^process_cpu_seconds_total(?:\{.*\})? (\S+)$/gm;

/** An API of so many processes, as in production. */
export interface BenchedApi {
  processes: number;
  port: number;
  /** CPU time of all its processes since their start, in seconds. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Resolves when all of them are ready. */
export async function startBenchedApi(
  processes: number,
  environment: NodeJS.ProcessEnv,
): Promise<BenchedApi> {
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...environment, API_PROCESSES: String(processes), METRICS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const ports = { api: 0, metrics: 0 };
  let waitingFor = processes;
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    if (waitingFor === 0) return; // one line a request comes from now on
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
    if (msg === 'metrics.listening') ports.metrics = port ?? 0;
    if (msg !== 'api.listening') return;
    ports.api = port ?? 0;
    waitingFor -= 1;
    if (waitingFor === 0) resolve();
  });
  void ended.then(() => reject(new Error('the API has ended')));
  await ready;

  return {
    processes,
    port: ports.api,
    async cpuSeconds() {
      const response = await fetch(`http://127.0.0.1:${ports.metrics}/metrics`);
      const all = [...(await response.text()).matchAll(CPU)];
      return all.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
