import {
  closeSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { ObjectVersion, PendingEvent, Tags } from './object-version.ts';

/**
 * Why a journal: one line holds an object's metadata and the event about it, so both are there
 * or neither is, and one sequential read of one file starts a stack with 100,000 objects in
 * about a second where as many small files would take many. A line is written by one synchronous
 * call, after the content is in its place: between a check (If-None-Match) and the write nothing
 * else runs, so no locks are needed. A process killed half-way leaves at most a line without its
 * end, which was never acknowledged and is cut off at the next start. There is no fsync: the
 * page cache outlives the process, and a laptop's power cut may cost the last seconds.
 */
export type JournalEntry =
  | { readonly type: 'format'; readonly version: 1 }
  | {
      readonly type: 'bucket';
      readonly name: string;
      readonly versioned: boolean;
      readonly createdAt: number;
    }
  | {
      readonly type: 'put';
      readonly bucket: string;
      readonly key: string;
      readonly version: ObjectVersion;
      readonly events?: readonly PendingEvent[];
    }
  | { readonly type: 'remove'; readonly bucket: string; readonly key: string; readonly id: string }
  | {
      readonly type: 'tags';
      readonly bucket: string;
      readonly key: string;
      readonly id: string;
      readonly tags: Tags;
    }
  | { readonly type: 'event'; readonly event: PendingEvent }
  | { readonly type: 'delivered'; readonly event: string };

export interface Journal {
  /** Throws, with nothing written, when the disk is full or the journal closed. */
  append(entry: JournalEntry): void;
  /** Lines in the file. */
  readonly length: () => number;
  /** Replaces the file by these entries, atomically. */
  rewrite(entries: Iterable<JournalEntry>): void;
  close(): void;
}

const NEWLINE = 0x0a;
const READ_BYTES = 1 << 20;
const WRITE_CHARS = 1 << 20;
const FORMAT: JournalEntry = { type: 'format', version: 1 };

function writeAll(fd: number, data: Buffer, position: number): void {
  let written = 0;
  while (written < data.length) {
    written += writeSync(fd, data, written, data.length - written, position + written);
  }
}

/** Calls `onLine` for each whole line; returns the offset behind the last one. */
function readLines(fd: number, onLine: (line: string, offset: number) => void): number {
  const block = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (;;) {
    const length = readSync(fd, block, 0, block.length, offset + rest.length);
    if (length === 0) return offset;
    const data = Buffer.concat([rest, block.subarray(0, length)]);
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      onLine(data.toString('utf8', start, end), offset + start);
      start = end + 1;
    }
    offset += start;
    rest = data.subarray(start);
  }
}

function parseEntry(line: string, offset: number, path: string): JournalEntry {
  try {
    // Only this file writes the journal, so its lines are entries.
    const entry = JSON.parse(line) as JournalEntry;
    if (entry.type !== 'format' || entry.version === 1) return entry;
  } catch {
    // Told below.
  }
  throw new Error(
    `The local S3 cannot read its journal ${path} at byte ${offset}. Delete the folder it is in to start with empty buckets.`,
  );
}

/** Opens the journal, making it where there is none, and replays it into `apply`. */
export function openJournal(path: string, apply: (entry: JournalEntry) => void): Journal {
  let fd = openSync(path, 'a+');
  closeSync(fd);
  fd = openSync(path, 'r+');
  let lines = 0;
  let size = 0;
  let open = true;

  function append(entry: JournalEntry): void {
    if (!open) throw new Error('The local S3 is closed.');
    const data = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      writeAll(fd, data, size);
    } catch (error) {
      // Half a line before a whole one would be damage that no start can repair.
      ftruncateSync(fd, size);
      throw error;
    }
    size += data.length;
    lines += 1;
  }

  function rewrite(entries: Iterable<JournalEntry>): void {
    const temporary = `${path}.new`;
    const target = openSync(temporary, 'w');
    let position = 0;
    let count = 1;
    let text = `${JSON.stringify(FORMAT)}\n`;
    const flush = (): void => {
      const data = Buffer.from(text);
      writeAll(target, data, position);
      position += data.length;
      text = '';
    };
    try {
      for (const entry of entries) {
        text += `${JSON.stringify(entry)}\n`;
        count += 1;
        if (text.length > WRITE_CHARS) flush();
      }
      flush();
    } finally {
      closeSync(target);
    }
    // Windows renames over no open file.
    closeSync(fd);
    try {
      renameSync(temporary, path);
    } finally {
      fd = openSync(path, 'r+');
      size = statSync(path).size;
    }
    lines = count;
  }

  try {
    rmSync(`${path}.new`, { force: true });
    size = readLines(fd, (line, offset) => {
      apply(parseEntry(line, offset, path));
      lines += 1;
    });
    ftruncateSync(fd, size);
    if (lines === 0) append(FORMAT);
  } catch (error) {
    closeSync(fd);
    throw error;
  }

  return {
    append,
    length: () => lines,
    rewrite,
    close: () => {
      if (open) closeSync(fd);
      open = false;
    },
  };
}
