import type { TextOutput } from '../../shared/command.ts';

export interface AuditProgress {
  /** So many objects are counted. */
  at(processed: number): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  /** Clears what must not stay. */
  end(): void;
}

export interface ProgressOptions {
  /** How many were counted before this process began. */
  from: number;
  /** How many there will be; null when nobody knows. */
  total: number | null;
  /** Milliseconds; for tests. */
  now?: () => number;
}

const REDRAW_MS = 100;
/** Short runs say nothing in a log. */
const LOG_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';
const BAR_WIDTH = 24;

/** On a terminal one line that changes, elsewhere a line every few seconds. */
export function createAuditProgress(output: TextOutput, options: ProgressOptions): AuditProgress {
  const { from, total, now = Date.now } = options;
  const startedAt = now();
  const everyMs = output.isTTY ? REDRAW_MS : LOG_EVERY_MS;
  let shownAt = output.isTTY ? Number.NEGATIVE_INFINITY : startedAt;
  let isDrawn = false;

  function end(): void {
    if (isDrawn) output.write(CLEAR_LINE);
    isDrawn = false;
  }

  return {
    at(processed) {
      if (now() - shownAt < everyMs) return;
      shownAt = now();
      const text = progressText({ processed, from, total, seconds: (now() - startedAt) / 1000 });
      output.write(output.isTTY ? `${CLEAR_LINE}${text}` : `${text}\n`);
      isDrawn = output.isTTY === true;
    },
    note(text) {
      end();
      output.write(`${text}\n`);
    },
    end,
  };
}

interface Reached {
  processed: number;
  from: number;
  total: number | null;
  seconds: number;
}

/** `[######------] 1200 of 4800 objects, 210/s, 17 s left` */
export function progressText({ processed, from, total, seconds }: Reached): string {
  const rate = seconds > 0 ? (processed - from) / seconds : 0;
  const perSecond = `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
  // More than there were the last time: nobody knows how many more.
  if (total === null || total < processed) return `${processed} objects, ${perSecond}`;
  const share = total === 0 ? 1 : processed / total;
  const done = Math.floor(share * BAR_WIDTH);
  const bar = `[${'#'.repeat(done)}${'-'.repeat(BAR_WIDTH - done)}]`;
  const left = rate > 0 ? `, ${duration((total - processed) / rate)} left` : '';
  return `${bar} ${processed} of ${total} objects, ${perSecond}${left}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
