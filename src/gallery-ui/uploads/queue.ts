import type { Environment } from '../environment.ts';
import { retryDelay } from '../state/retry-delay.ts';
import type { Job, UploadFile, UploadOutcome } from './upload-file.ts';

/** Uploads wait here for their turn: three at a time, however many there are. */
export interface Queue {
  add(job: Job): void;
  /** Whether in the line or at work: it is over. */
  abort(job: Job): void;
  /** What waits for a connection need not wait any longer. */
  resume(): void;
  close(): void;
}

export interface QueueDeps {
  env: Pick<Environment, 'after' | 'isOnline'>;
  upload: UploadFile;
  onState(job: Job, state: 'queued' | 'uploading'): void;
  /** Not for those that were aborted. */
  onEnd(job: Job, outcome: Exclude<UploadOutcome, { kind: 'interrupted' | 'aborted' }>): void;
}

/** More would not be faster, and browsers open no more than six connections to a host. */
const MAX_AT_WORK = 3;
/** How often an upload is tried, before a person has to say so. */
const MAX_ATTEMPTS = 5;
/**
 * A browser that says it is offline may yet reach a service on the same machine, and may fail to say
 * when it is online again.
 */
const OFFLINE_PAUSE_MS = 15_000;

export function createQueue({ env, upload, onState, onEnd }: QueueDeps): Queue {
  const line = new Set<Job>();
  const atWork = new Set<Job>();
  const backingOff = new Map<Job, () => void>();
  let endPause: (() => void) | null = null;
  let closed = false;

  function pump(): void {
    for (const job of line) {
      if (closed || endPause !== null || atWork.size >= MAX_AT_WORK) return;
      line.delete(job);
      atWork.add(job);
      void work(job);
    }
  }

  async function work(job: Job): Promise<void> {
    onState(job, 'uploading');
    const { signal } = job.control;
    const outcome = await upload(job);
    atWork.delete(job);
    // An aborted job may be in the line again by now, as another attempt.
    if (!signal.aborted && !closed) settle(job, outcome);
    pump();
  }

  function settle(job: Job, outcome: UploadOutcome): void {
    if (outcome.kind === 'aborted') return;
    if (outcome.kind !== 'interrupted') {
      onEnd(job, outcome);
      return;
    }
    if (!env.isOnline()) {
      pause();
      wait(job);
      return;
    }
    job.failures += 1;
    if (job.failures >= MAX_ATTEMPTS) {
      onEnd(job, { kind: 'failed', problem: outcome.problem, canRetry: true });
      return;
    }
    onState(job, 'queued');
    const cancel = env.after(retryDelay(job.failures), () => {
      backingOff.delete(job);
      wait(job);
    });
    backingOff.set(job, cancel);
  }

  function wait(job: Job): void {
    onState(job, 'queued');
    line.add(job);
    pump();
  }

  function pause(): void {
    endPause ??= env.after(OFFLINE_PAUSE_MS, resume);
  }

  function resume(): void {
    endPause?.();
    endPause = null;
    for (const [job, cancel] of [...backingOff]) {
      cancel();
      backingOff.delete(job);
      line.add(job);
    }
    pump();
  }

  return {
    add: wait,
    abort(job) {
      job.control.abort();
      line.delete(job);
      backingOff.get(job)?.();
      backingOff.delete(job);
    },
    resume,
    close() {
      closed = true;
      for (const job of atWork) job.control.abort();
      for (const cancel of backingOff.values()) cancel();
      endPause?.();
    },
  };
}
