import { oneLine } from './problem.ts';
import { outcome } from './report.ts';
import type { Row } from './row.ts';

/** How often the live line is drawn at most, in milliseconds. */
const REDRAW_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** Tells how far the files have come while they are on their way. */
export interface Progress {
  sent(bytes: number): void;
  received(bytes: number): void;
  finished(row: Row): void;
  /** Clears what must not stay. */
  end(): void;
}

/** On a terminal one line that changes, elsewhere a line for each finished file. */
export function createProgress(stream: ProgressStream, total: number): Progress {
  return stream.isTTY === true ? liveLine(stream, total) : lineForEachFile(stream, total);
}

function lineForEachFile(stream: ProgressStream, total: number): Progress {
  let done = 0;
  return {
    sent() {},
    received() {},
    finished(row) {
      done += 1;
      stream.write(`[${done}/${total}] ${oneLine(row.file)}: ${outcome(row)}\n`);
    },
    end() {},
  };
}

function liveLine(stream: ProgressStream, total: number): Progress {
  let done = 0;
  let wrong = 0;
  let sentBytes = 0;
  let receivedBytes = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw(): void {
    drawnAt = performance.now();
    const trouble = wrong === 0 ? '' : `, ${wrong} wrong`;
    const up = formatBytes(sentBytes);
    const back = formatBytes(receivedBytes);
    stream.write(`${CLEAR_LINE}${done}/${total} files${trouble}, ${up} sent, ${back} fetched back`);
  }

  function drawNowAndThen(): void {
    if (performance.now() - drawnAt >= REDRAW_MS) draw();
  }

  draw();
  return {
    sent(bytes) {
      sentBytes += bytes;
      drawNowAndThen();
    },
    received(bytes) {
      receivedBytes += bytes;
      drawNowAndThen();
    },
    finished({ ok }) {
      done += 1;
      if (!ok) wrong += 1;
      draw();
    },
    end() {
      stream.write(CLEAR_LINE);
    },
  };
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
