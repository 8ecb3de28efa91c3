import type { PassingRequest } from './http-proxy.ts';
import type { Surroundings } from './surroundings.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What the worker does to the world outside, in the order in which it does it. */
export type Step = 'read' | 'thumbnail write' | 'status update' | 'delete' | 'acknowledge';
export type Moment = 'before' | 'after';

const STORE_STEPS: Partial<Record<Step, (request: PassingRequest) => boolean>> = {
  read: ({ method, path }) => method === 'GET' && path.includes('/ingest/'),
  'thumbnail write': ({ method, path }) => method === 'PUT' && path.includes('/thumbnails/'),
  delete: ({ method, path }) => method === 'DELETE' && path.includes('/ingest/'),
};

/**
 * Kills the worker (SIGKILL) when it takes this step for the first time: before the other side has
 * heard of it, or after it was done and before the worker has heard of that.
 */
export function crashAt(
  step: Step,
  moment: Moment,
  { proxies }: Surroundings,
  worker: WorkerProcess,
): void {
  let crashed = false;
  const kill = () => worker.kill('SIGKILL');

  function verdict(isStep: boolean): 'pass' | 'cut' | { afterwards: () => void } {
    if (!isStep || crashed) return 'pass';
    crashed = true;
    if (moment === 'after') return { afterwards: kill };
    kill();
    return 'cut';
  }

  const isStoreStep = STORE_STEPS[step];
  if (isStoreStep) {
    proxies.s3.judge((request) => verdict(isStoreStep(request)));
  } else if (step === 'acknowledge') {
    proxies.sqs.judge(({ action }) => verdict(action === 'DeleteMessage'));
  } else {
    // A process prepares its first update by sending the statement's text.
    proxies.database.judge((chunk) => verdict(chunk.includes('UPDATE image_records')));
  }
}
