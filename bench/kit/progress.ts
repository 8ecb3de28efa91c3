import type { TextOutput } from '../../src/shared/command.ts';

const CLEAR_LINE = '\r\u001b[2K';

export interface Progress {
  tell(text: string): void;
  /** How it ended, which stays to be read. */
  end(text: string): void;
}

/** How one bench comes along: on a terminal a line that changes, elsewhere a line for each text. */
export function createProgress(output: TextOutput, heading: string): Progress {
  const [before, after] = output.isTTY ? [CLEAR_LINE, ''] : ['', '\n'];
  return {
    tell: (text) => output.write(`${before}${heading}: ${text}${after}`),
    end: (text) => output.write(`${before}${heading}: ${text}\n`),
  };
}
