/** The name of a dependency and a probe that rejects while it is away. */
export type Probes = Readonly<Record<string, () => Promise<void>>>;

/** How long a probe may take before its dependency counts as down, in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000;

export type CheckReadiness = () => Promise<{ down: string[] }>;

/** Asks every dependency at once; resolves with the names of those that do not answer. */
export function makeCheckReadiness(probes: Probes): CheckReadiness {
  return async () => {
    const results = await Promise.all(
      Object.entries(probes).map(async ([name, probe]) => ((await answers(probe)) ? [] : [name])),
    );
    return { down: results.flat() };
  };
}

async function answers(probe: () => Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
  probe().then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}
