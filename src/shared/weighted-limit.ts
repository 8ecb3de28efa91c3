/** Runs work side by side as long as its weights together stay within a budget; first come first served. */
export type WeightedLimit = <Result>(
  weight: number,
  work: () => Promise<Result>,
) => Promise<Result>;

/** What weighs more than the whole budget runs alone. */
export function createWeightedLimit(budget: number): WeightedLimit {
  const waiting: { weight: number; start: () => void }[] = [];
  let used = 0;

  function startWhatFits(): void {
    for (let next = waiting[0]; next && used + next.weight <= budget; next = waiting[0]) {
      waiting.shift();
      used += next.weight;
      next.start();
    }
  }

  return async (weight, work) => {
    const share = Math.min(weight, budget);
    await new Promise<void>((start) => {
      waiting.push({ weight: share, start });
      startWhatFits();
    });
    try {
      return await work();
    } finally {
      used -= share;
      startWhatFits();
    }
  };
}
