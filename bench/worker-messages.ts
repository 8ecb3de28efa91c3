/** What the bench says to the process it measures, and what that one answers. */
export type BenchCommand = 'go' | 'stop';

export interface BenchAnswer {
  /** CPU time of the whole process, in seconds, for all pictures of one round. */
  cpuSeconds: number;
  wallSeconds: number;
}

/** Answers each 'go' with what one round costs; 'stop' ends the process. */
export function answerRounds(round: () => Promise<void>, close = async () => {}): void {
  const handle = async (command: BenchCommand) => {
    if (command === 'stop') {
      await close();
      process.disconnect();
      return;
    }
    const before = process.cpuUsage();
    const started = performance.now();
    process.send?.('started');
    await round();
    const { user, system } = process.cpuUsage(before);
    const answer: BenchAnswer = {
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - started) / 1000,
    };
    process.send?.(answer);
  };
  process.on('message', (command: BenchCommand) => void handle(command));
  process.send?.('ready');
}
