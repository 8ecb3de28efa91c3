import { type FileHandle, open } from 'node:fs/promises';
import type { AuditJobId } from '../../domain/format-audit.ts';
import type { FormatAuditJobs } from '../../shared/format-audit-jobs.ts';

export interface AuditReport {
  /** Writes what the job has changed, or would have, in order of keys. */
  write(id: AuditJobId): Promise<void>;
  close(): Promise<void>;
}

const BATCH = 5_000;
const LINE_END = '\r\n';

/** Opens the file at once: that it cannot be written is to be known before anything is changed. */
export async function openReport(
  file: string,
  jobs: Pick<FormatAuditJobs, 'listChanges'>,
): Promise<AuditReport> {
  const handle: FileHandle = await open(file, 'w');
  return {
    async write(id) {
      await handle.appendFile(`key,from,to${LINE_END}`);
      let after: string | null = null;
      for (;;) {
        const changes = await jobs.listChanges(id, { after, limit: BATCH });
        const lines = changes.map(({ key, from, to }) => csvLine([key, from, to]));
        await handle.appendFile(lines.join(''));
        if (changes.length < BATCH) return;
        after = changes.at(-1)?.key ?? null;
      }
    },
    close: () => handle.close(),
  };
}

/** A record as RFC 4180 has it. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}${LINE_END}`;
}

/**
 * What could end a field, or what a reader may trim, is quoted. Keys stay as they are, also those
 * that a spreadsheet would take for a formula: whoever opens the report in one imports it as text.
 */
function csvField(text: string): string {
  return /[",\r\n]|^[\s=+\-@]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
