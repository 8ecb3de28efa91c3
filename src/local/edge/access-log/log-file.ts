import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';

export interface LogFile {
  /** Never fails and never waits: the line is written soon, or given up when the disk refuses. */
  write(line: string): void;
  /** Resolves when all lines so far are written, or given up. */
  flushed(): Promise<void>;
}

export interface LogFileOptions {
  file: string;
  /** What begins every file. */
  header: string;
  /** A file that has reached this size becomes `FILE.1`, and the one before it is gone. */
  maxBytes: number;
  /** Told of a disk that refuses; once, until it takes lines again. */
  onProblem: (error: unknown) => void;
}

/** Lines that wait for a slow disk, in characters; what comes on top is given up. */
const MAX_WAITING = 1024 * 1024;

/** A log that never holds more than twice `maxBytes` on disk. Readable by its owner only. */
export function openLogFile({ file, header, maxBytes, onProblem }: LogFileOptions): LogFile {
  let waiting = '';
  let writing: Promise<void> | undefined;
  /** Bytes in the file; undefined until it was looked at. */
  let size: number | undefined;
  let isBroken = false;

  async function append(lines: string): Promise<void> {
    if (size === undefined) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      size = await stat(file).then(
        (stats) => stats.size,
        () => 0,
      );
    }
    if (size >= maxBytes) {
      await rename(file, `${file}.1`);
      size = 0;
    }
    const text = size === 0 ? `${header}${lines}` : lines;
    await appendFile(file, text, { mode: 0o600 });
    size += Buffer.byteLength(text);
  }

  async function drain(): Promise<void> {
    while (waiting !== '') {
      const lines = waiting;
      waiting = '';
      try {
        await append(lines);
        isBroken = false;
      } catch (error) {
        // Looked at anew next time: whoever emptied the disk may have removed the file as well.
        size = undefined;
        if (!isBroken) onProblem(error);
        isBroken = true;
      }
    }
  }

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING) return;
      waiting += line;
      writing ??= drain().finally(() => {
        writing = undefined;
      });
    },
    async flushed() {
      while (writing !== undefined) await writing;
    },
  };
}
