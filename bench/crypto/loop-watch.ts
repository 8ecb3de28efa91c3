import { median } from '../kit/rows.ts';

export interface LoopStalls {
  longestCpuMs: number;
  longestWallMs: number;
  medianCpuMs: number;
  medianWallMs: number;
}

/**
 * Watches this thread's event loop, turn by turn: from one turn to the next everything else waits.
 * In CPU time of the thread too, because on a busy machine the longest wall time is what the machine
 * took away. Not monitorEventLoopDelay: its timer comes a millisecond late at best, a signature's time.
 */
export function watchLoop(): { stop(): LoopStalls } {
  const cpuMs: number[] = [];
  const wallMs: number[] = [];
  let [cpu, wall] = [threadCpuMs(), performance.now()];
  let next = setImmediate(tick);

  function record(): void {
    const [cpuNow, wallNow] = [threadCpuMs(), performance.now()];
    cpuMs.push(cpuNow - cpu);
    wallMs.push(wallNow - wall);
    [cpu, wall] = [cpuNow, wallNow];
  }

  function tick(): void {
    record();
    next = setImmediate(tick);
  }

  return {
    stop() {
      clearImmediate(next);
      // The turn that is not over yet: work may have been done within a single one.
      record();
      return {
        longestCpuMs: Math.max(...cpuMs),
        longestWallMs: Math.max(...wallMs),
        medianCpuMs: median(cpuMs),
        medianWallMs: median(wallMs),
      };
    },
  };
}

function threadCpuMs(): number {
  // Linux brings a thread's own time up to date only when that of its process is asked for; alone it
  // moves in steps of some milliseconds.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
