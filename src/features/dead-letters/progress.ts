import type { TextOutput } from '../../shared/command.ts';

const REDRAW_MS = 100;
/** Short work says nothing in a log. */
const LOG_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

export interface Progress {
  /** How far it is; shown now and then. */
  at(text: string): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  /** Clears what must not stay. */
  end(): void;
}

/** On a terminal one line that changes, elsewhere a line every few seconds. */
export function createProgress(output: TextOutput): Progress {
  const everyMs = output.isTTY ? REDRAW_MS : LOG_EVERY_MS;
  let shownAtMs = Date.now();
  let drawn = false;

  function end(): void {
    if (drawn) output.write(CLEAR_LINE);
    drawn = false;
  }

  return {
    at(text) {
      if (Date.now() - shownAtMs < everyMs) return;
      shownAtMs = Date.now();
      output.write(output.isTTY ? `${CLEAR_LINE}${text}` : `dlq: ${text}\n`);
      drawn = output.isTTY === true;
    },
    note(text) {
      end();
      output.write(`dlq: ${text}\n`);
    },
    end,
  };
}
