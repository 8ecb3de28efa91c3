import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Drive, Driven } from './messages.ts';

export interface Driver {
  /** Rejects when an answer was not what it should be. */
  drive(round: Drive): Promise<{ seconds: number }>;
  stop(): Promise<void>;
}

/** A process of its own, so that sending requests is not done by the one that measures. */
export async function startDriver(ids: readonly string[]): Promise<Driver> {
  const child = fork(new URL('./driver-process.ts', import.meta.url), [ids.join(',')]);
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  return {
    async drive(round) {
      const answer = once(child, 'message') as Promise<[Driven]>;
      child.send(round);
      const [driven] = await Promise.race([
        answer,
        ended.then(() => Promise.reject(new Error('the driver has ended'))),
      ]);
      if ('problem' in driven) throw new Error(driven.problem);
      return driven;
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}
