import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '../logger.ts';
import type { Samples } from '../telemetry/samples.ts';
import { REPLACEMENT, type ToMember, type ToPrimary } from './messages.ts';

/** How long a process may take from its start until it is ready, in milliseconds. */
const READY_TIMEOUT_MS = 120_000;
/** How long to wait for the numbers of a process; one that is busy for longer has its last ones. */
const SCRAPE_TIMEOUT_MS = 2_000;

/** The exit status, or the signal that ended it. */
export type Ending = number | NodeJS.Signals | null;

/** One process of several, as the primary sees it. */
export interface ClusterProcess {
  /** From 1; a process that takes the place of another has the same. */
  slot: number;
  pid: number | undefined;
  /** Rejects with ProcessEnded when it ends before, as it must within two minutes. */
  ready: Promise<void>;
  /** Undefined until it is ready. */
  readyAt(): number | undefined;
  ended: Promise<Ending>;
  /** Whether its end is no surprise: it was asked to, or was only meant to replace another. */
  mayEnd(): boolean;
  /** Its numbers of this moment, or the last that it told; null where it has told none. */
  samples(): Promise<Samples | null>;
  lastSamples(): Samples | null;
  /** Lets it end in an orderly way, kills it when it takes too long. Resolves when it has ended. */
  stop(replaced: boolean): Promise<void>;
}

/** A process ended before it was ready. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`the process ended (${ending}) before it was ready`);
    this.ending = ending;
  }
}

export interface ForkOptions {
  slot: number;
  /** Whether it takes the place of a working one. */
  isReplacement: boolean;
  /** How long it may take to stop before it is killed, in milliseconds. */
  stopTimeoutMs: number;
  logger: Logger;
}

/** Starts this program once more, as one of the processes that share its port. */
export function forkProcess(options: ForkOptions): ClusterProcess {
  const { slot, isReplacement, stopTimeoutMs, logger } = options;
  cluster.setupPrimary({
    args: [...process.argv.slice(2), ...(isReplacement ? [REPLACEMENT] : [])],
  });
  const worker = cluster.fork();
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Ending>();
  ready.promise.catch(() => {}); // not everybody waits for it; its end is seen by all
  let readyAt: number | undefined;
  let stopping = false;
  let last: Samples | null = null;
  const questions = createQuestions();

  const deadline = setTimeout(() => {
    logger.error({ slot, pid: worker.process.pid }, 'api.process_not_ready');
    worker.process.kill('SIGKILL');
  }, READY_TIMEOUT_MS);

  worker.on('message', (message: ToPrimary) => {
    if (message.type === 'ready') {
      clearTimeout(deadline);
      readyAt = performance.now();
      ready.resolve();
    } else {
      last = message.samples;
      if (message.type === 'samples') questions.answer(message.id);
      else tell(worker, { type: 'farewell' });
    }
  });
  // Handing a connection to one that has just died is an error that nobody could prevent.
  worker.on('error', (error) => logger.debug({ err: error, slot }, 'api.process_unreachable'));
  worker.once('exit', (status: number | null, signal: NodeJS.Signals | null) => {
    clearTimeout(deadline);
    const ending = signal ?? status;
    questions.giveUp();
    ready.reject(new ProcessEnded(ending));
    ended.resolve(ending);
  });

  return {
    slot,
    pid: worker.process.pid,
    ready: ready.promise,
    readyAt: () => readyAt,
    ended: ended.promise,
    mayEnd: () => stopping || (isReplacement && readyAt === undefined),
    async samples() {
      if (readyAt === undefined) return null;
      await questions.ask((id) => tell(worker, { type: 'scrape', id }));
      return last;
    },
    lastSamples: () => last,
    async stop(replaced) {
      stopping = true;
      clearTimeout(deadline);
      tell(worker, { type: 'stop', replaced });
      const killer = setTimeout(() => {
        logger.error({ slot, pid: worker.process.pid }, 'api.process_stop_timed_out');
        worker.process.kill('SIGKILL');
      }, stopTimeoutMs);
      await ended.promise;
      clearTimeout(killer);
    },
  };
}

/** Its end may be on its way; that is seen elsewhere. */
function tell(worker: Worker, message: ToMember): void {
  if (worker.isConnected()) worker.send(message, () => {});
}

interface Questions {
  /** Resolves when the question is answered, or never will be. */
  ask(send: (id: number) => void): Promise<void>;
  answer(id: number): void;
  giveUp(): void;
}

function createQuestions(): Questions {
  const waiting = new Map<number, () => void>();
  let lastId = 0;
  return {
    ask(send) {
      const { promise, resolve } = Promise.withResolvers<void>();
      lastId += 1;
      const id = lastId;
      waiting.set(id, resolve);
      const timer = setTimeout(resolve, SCRAPE_TIMEOUT_MS);
      send(id);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    answer: (id) => waiting.get(id)?.(),
    giveUp() {
      for (const resolve of waiting.values()) resolve();
    },
  };
}
