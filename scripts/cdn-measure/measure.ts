import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { type Failure, probe, type Sample } from './probe.ts';

export interface Plan {
  samples: number;
  concurrency: number;
  /** Asks for another `v` each time, so that no cache can have it. */
  miss: boolean;
  signal: AbortSignal;
}

export interface Measured {
  samples: Sample[];
  failures: Failure[];
}

/**
 * Measures one URL: first over new connections, then over kept ones. What a sample counts as is decided
 * by the connection that it had: a server may close those that are meant to be kept.
 */
export async function measure(url: URL, plan: Plan): Promise<Measured> {
  const found: Measured = { samples: [], failures: [] };
  const { Agent } = url.protocol === 'https:' ? https : http;
  const keeper = new Agent({ keepAlive: true, maxSockets: plan.concurrency });

  async function take(agent: http.Agent | false): Promise<void> {
    const result = await probe(plan.miss ? unseen(url) : url, agent, plan.signal);
    // What Ctrl-C has cut off is no failure of the server's.
    if (plan.signal.aborted) return;
    if ('reason' in result) found.failures.push(result);
    else found.samples.push(result);
  }
  try {
    await repeat(plan, plan.samples, () => take(false));
    // Those that open the connections to be kept come on top.
    await repeat(plan, plan.samples + plan.concurrency, () => take(keeper));
  } finally {
    keeper.destroy();
  }
  return found;
}

async function repeat(
  { concurrency, signal }: Plan,
  times: number,
  once: () => Promise<void>,
): Promise<void> {
  let left = times;
  async function work(): Promise<void> {
    while (left > 0 && !signal.aborted) {
      left -= 1;
      await once();
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
}

function unseen(url: URL): URL {
  const other = new URL(url);
  other.searchParams.set('v', randomUUID());
  return other;
}
