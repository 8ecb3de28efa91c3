import { createLogger, type Logger } from '../../src/shared/logger.ts';

export type LogLine = Record<string, unknown> & { msg: string };

const LAST = 20;

export interface CapturedLog {
  logger: Logger;
  /** Every line so far. */
  lines: LogLine[];
  /** The first line, past or future, that `matches`; the test's own timeout ends a vain wait. */
  find(matches: (line: LogLine) => boolean): Promise<LogLine>;
}

/** The end of a log, as it was written. */
export function lastLines(lines: readonly LogLine[]): string {
  return lines
    .slice(-LAST)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

/** The real logger, whose lines are kept instead of written. */
export function captureLog(): CapturedLog {
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  const destination = {
    write(text: string) {
      const line = JSON.parse(text) as LogLine;
      lines.push(line);
      for (const tell of waiting) tell(line);
    },
  };
  return {
    logger: createLogger({ name: 'test', level: 'trace', destination }),
    lines,
    find(matches) {
      const known = lines.find(matches);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const tell = (line: LogLine) => {
          if (!matches(line)) return;
          waiting.delete(tell);
          resolve(line);
        };
        waiting.add(tell);
      });
    },
  };
}
