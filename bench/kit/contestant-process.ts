/** What a bench says to a process that it measures, and what that one says. */
export type ToContestant = { kind: 'work'; command: unknown } | { kind: 'stop' };
export type FromContestant =
  | { kind: 'answer'; answer: unknown }
  | { kind: 'started' }
  | { kind: 'failed'; reason: string };

/**
 * Makes this process a contestant: it does what it is asked, one after the other, until it is told
 * to stop or the bench is gone.
 *
 * @param work resolves with the answer; `started` says that measuring has begun
 */
export function serveAsContestant<Command>(
  work: (command: Command, started: () => void) => Promise<unknown>,
  close: () => Promise<void> = async () => {},
): void {
  const say = (message: FromContestant) => process.send?.(message);

  async function handle(message: ToContestant): Promise<void> {
    try {
      if (message.kind === 'stop') {
        await close();
        process.exit(0);
      }
      const answer = await work(message.command as Command, () => say({ kind: 'started' }));
      say({ kind: 'answer', answer });
    } catch (error) {
      say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  process.on('message', (message: ToContestant) => void handle(message));
  process.on('disconnect', () => process.exit(1));
  say({ kind: 'answer', answer: 'ready' });
}

/** CPU time of this whole process, its threads included, in seconds. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** How much was done in how much CPU time. */
export interface Rate {
  done: number;
  cpuSeconds: number;
}

/** Repeats a piece of work until it has cost that much CPU time; `perBatch` is how much one does. */
export async function repeatFor(
  seconds: number,
  perBatch: number,
  batch: () => unknown,
): Promise<Rate> {
  const started = cpuSeconds();
  let done = 0;
  let spent = 0;
  while (spent < seconds) {
    await batch();
    done += perBatch;
    spent = cpuSeconds() - started;
  }
  return { done, cpuSeconds: spent };
}
