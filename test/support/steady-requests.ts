import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Enough to never leave a reload without traffic, and little enough for a slow machine. */
const PAUSE_MS = 10;

export interface RequestOutcome {
  /** How `mark` was set when the request was sent. */
  mark: string;
  keepAlive: boolean;
  /** The HTTP status, or the code of the error. */
  result: number | string;
}

/** Requests that go on and on, some on connections that are kept, some on a new one each. */
export interface SteadyRequests {
  outcomes: RequestOutcome[];
  /** What requests from now on are marked with. */
  mark(name: string): void;
  /** Ends those with this mark that still wait, as `unanswered`; waits for the others. */
  stop(abandoned?: string): Promise<void>;
}

/** Sends GET requests in so many lanes of each kind, one after the other in each. */
export function sendSteadily(url: string, lanes: { kept: number; fresh: number }): SteadyRequests {
  const outcomes: RequestOutcome[] = [];
  const waiting = new Map<() => void, string>();
  let mark = 'start';

  async function send(agent: Agent, keepAlive: boolean): Promise<void> {
    const outcome = { mark, keepAlive };
    const { promise, resolve } = Promise.withResolvers<number | string>();
    const sent = request(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 'no status'));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    // An answer that was cut off has no error.
    sent.once('close', () => resolve('cut'));
    const abort = () => {
      resolve('unanswered');
      sent.destroy();
    };
    waiting.set(abort, mark);
    sent.end();
    outcomes.push({ ...outcome, result: await promise });
    waiting.delete(abort);
  }

  async function lane(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!stopping) {
      await send(agent, keepAlive);
      await sleep(PAUSE_MS);
    }
    agent.destroy();
  }

  let stopping = false;
  const running = [
    ...Array.from({ length: lanes.kept }, () => lane(true)),
    ...Array.from({ length: lanes.fresh }, () => lane(false)),
  ];

  return {
    outcomes,
    mark(name) {
      mark = name;
    },
    async stop(abandoned) {
      stopping = true;
      for (const [abort, of] of waiting) if (of === abandoned) abort();
      await Promise.all(running);
    },
  };
}
