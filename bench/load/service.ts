import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../src/local/ports.ts';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const MEBIBYTE = 1024 * 1024;

/** An API process as in production: log and metrics on. */
export interface Service {
  url: URL;
  /** Resident, in MiB; NaN where the system does not tell. */
  memory(): Promise<number>;
  /** Since its start. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export async function startService(
  databaseUrl: string,
  environment: Record<string, string>,
): Promise<Service> {
  const port = await findFreePort(0);
  const metricsPort = await findFreePort(0);
  const repository = path.resolve(import.meta.dirname, '../..');
  const child = spawn(
    process.execPath,
    [
      '--import',
      path.join(repository, 'src/local/exit-with-parent.ts'),
      path.join(repository, 'src/start/api.ts'),
    ],
    {
      env: {
        ...{ PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1' },
        ...{ PORT: String(port), METRICS_PORT: String(metricsPort), DATABASE_URL: databaseUrl },
        ...{ AWS_REGION: 'us-east-1', S3_INPUT_BUCKET: 'media', S3_FORCE_PATH_STYLE: 'true' },
        ...{ AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'bench' },
        // Presigning asks nobody.
        AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
        ...{ CLOUDFRONT_DOMAIN: 'cdn.example.com', CLOUDFRONT_KEY_PAIR_ID: 'K2BENCH' },
        CLOUDFRONT_PRIVATE_KEY_PEM: newSigningKey(),
        GALLERY_PAGE: 'false',
        ...environment,
      },
      // A group of its own: Ctrl-C is for the bench, which stops its parts in order.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const url = new URL(`http://127.0.0.1:${port}`);
  try {
    await untilReady(child, url);
  } catch (error) {
    await stopProcess(child);
    throw error;
  }

  async function metric(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text()) ?? [];
    return Number(value);
  }

  return {
    url,
    async memory() {
      // Asking the process itself would have to wait in its queue.
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => null);
      if (status === null) return (await metric('process_resident_memory_bytes')) / MEBIBYTE;
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    },
    cpuSeconds: () => metric('process_cpu_seconds_total'),
    stop: () => stopProcess(child),
  };
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

async function untilReady(child: ChildProcess, url: URL): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const response = await fetch(new URL('/api/health/readiness', url)).catch(() => null);
    if (response?.ok) return;
    await sleep(POLL_MS);
  }
  throw new Error('the API did not start');
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
