import type { Command, CpuTime, Ready } from './messages.ts';

/** Tells the bench where this process listens and, whenever asked, what CPU time it has used. */
export function answerBench(port: number, close: () => Promise<void>): void {
  process.on('message', (command: Command) => {
    if (command === 'stop') {
      void close().then(() => process.disconnect());
      return;
    }
    const { user, system } = process.cpuUsage();
    const answer: CpuTime = { cpuMicroseconds: user + system };
    process.send?.(answer);
  });
  // Also when the bench was killed: nothing of it stays behind.
  process.once('disconnect', () => process.exit());
  const ready: Ready = { port };
  process.send?.(ready);
}
