/** Tells a loop that takes its time from one that has died. */
export interface SignsOfLife {
  /** The loop has come another step. */
  step(): void;
  /** Whether the last step was less than `limitMs` ago. */
  within(limitMs: number): boolean;
}

export function createSignsOfLife(now = () => performance.now()): SignsOfLife {
  let lastStep = now();
  return {
    step() {
      lastStep = now();
    },
    within: (limitMs) => now() - lastStep < limitMs,
  };
}
