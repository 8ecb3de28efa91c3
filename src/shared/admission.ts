/** Why a request is refused: too many wait already, or it has waited for too long. */
export const SHED_REASONS = ['queue_full', 'waited'] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

/** Who wants to be let in. Exactly one of the two is called, unless it leaves before. */
export interface Applicant {
  admitted(): void;
  refused(reason: ShedReason): void;
}

export interface Admission {
  place(applicant: Applicant): Place;
  inFlight(): number;
  waiting(): number;
}

export interface Place {
  /** Lets in at once, or later, or refuses. Once. */
  enter(): void;
  /** Gives the place back, or stops waiting for one. Any number of times. */
  leave(): void;
}

export interface AdmissionOptions {
  /** How many are let in at a time. */
  maxInFlight: number;
  /** Milliseconds, from any beginning. */
  now?: () => number;
  /** Calls once, so many milliseconds later. */
  after?: (ms: number, call: () => void) => void;
}

/** How many may wait: a bound for memory, reached only when time alone would not keep them few. */
const MAX_WAITING = 1_000;
/** How long a request may wait after a burst, and how long a queue may stand before it counts as no burst. */
const BURST_MS = 500;
/** How long a request may wait in a queue that does not go away. */
const STANDING_MS = 100;
const EXPIRE_EVERY_MS = 50;

interface Entry extends Applicant {
  since: number;
  state: 'waiting' | 'in' | 'gone';
}

/**
 * A door: so many at a time, the others queue in front of it, first come, first served. Every service
 * has queues when it is busy; what it must not have is one that stays, in which everybody waits for
 * longer and longer and the work is for callers who have given up. So a request may wait for a while
 * if the queue was empty a moment ago, but only shortly when it was not (Nichols and Jacobson's CoDel,
 * in the form of Maurer's "Fail at Scale").
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { maxInFlight, now = () => performance.now(), after = afterUnreferenced } = options;
  const queue: Entry[] = [];
  let inFlight = 0;
  /** Those of the queue who have not left. */
  let waiting = 0;
  let lastEmptyAt = now();
  let isWatched = false;
  let isAdvancing = false;

  function longestWait(at: number): number {
    return at - lastEmptyAt > BURST_MS ? STANDING_MS : BURST_MS;
  }

  function admit(entry: Entry): void {
    entry.state = 'in';
    inFlight += 1;
    entry.admitted();
  }

  function refuse(entry: Entry, reason: ShedReason): void {
    entry.state = 'gone';
    entry.refused(reason);
  }

  /** Refuses those who have waited for too long, and lets in the next while there is room. */
  function advance(): void {
    // Whoever is let in may leave at once: the loop goes on with that, not a call within the call.
    if (isAdvancing) return;
    isAdvancing = true;
    try {
      const at = now();
      for (let entry = queue[0]; entry !== undefined; entry = queue[0]) {
        const isLate = at - entry.since > longestWait(at);
        if (entry.state === 'waiting' && !isLate && inFlight >= maxInFlight) break;
        queue.shift();
        if (entry.state !== 'waiting') continue;
        waiting -= 1;
        if (isLate) refuse(entry, 'waited');
        else admit(entry);
      }
    } finally {
      isAdvancing = false;
    }
  }

  /** Nobody else would refuse them when nothing comes or goes any more. */
  function watch(): void {
    if (isWatched) return;
    isWatched = true;
    after(EXPIRE_EVERY_MS, () => {
      isWatched = false;
      advance();
      if (queue.length > 0) watch();
    });
  }

  function enter(entry: Entry): void {
    entry.since = now();
    if (queue.length === 0) lastEmptyAt = entry.since;
    if (queue.length === 0 && inFlight < maxInFlight) {
      admit(entry);
    } else if (waiting >= MAX_WAITING) {
      refuse(entry, 'queue_full');
    } else {
      entry.state = 'waiting';
      queue.push(entry);
      waiting += 1;
      watch();
    }
  }

  function leave(entry: Entry): void {
    const { state } = entry;
    entry.state = 'gone';
    if (state === 'waiting') waiting -= 1;
    if (state !== 'in') return;
    inFlight -= 1;
    advance();
  }

  return {
    place({ admitted, refused }) {
      const entry: Entry = { admitted, refused, since: 0, state: 'gone' };
      return { enter: () => enter(entry), leave: () => leave(entry) };
    },
    inFlight: () => inFlight,
    waiting: () => waiting,
  };
}

function afterUnreferenced(ms: number, call: () => void): void {
  setTimeout(call, ms).unref();
}
