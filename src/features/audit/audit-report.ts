import { type FileHandle, open } from 'node:fs/promises';
import type { AuditJobId } from '../../domain/format-audit.ts';
import type { FormatAuditJobs } from '../../shared/format-audit-jobs.ts';

export interface AuditReport {
  /** Writes the whole of it, in order of keys. */
  write(id: AuditJobId): Promise<void>;
  close(): Promise<void>;
}

const BATCH = 5_000;
const LINE_END = '\r\n';

/** What the job has changed, or would have. */
export function openChangesReport(
  file: string,
  jobs: Pick<FormatAuditJobs, 'listChanges'>,
): Promise<AuditReport> {
  return openReport(file, ['key', 'from', 'to'], jobs.listChanges);
}

/** What it has left as it is, errors included, and why. */
export function openLeftReport(
  file: string,
  jobs: Pick<FormatAuditJobs, 'listLeft'>,
): Promise<AuditReport> {
  return openReport(file, ['key', 'outcome', 'reason'], jobs.listLeft);
}

type List<Column extends string> = (
  id: AuditJobId,
  query: { after: string | null; limit: number },
) => Promise<({ key: string } & Record<Column, string>)[]>;

/** Opens the file at once: that it cannot be written is to be known before anything is changed. */
async function openReport<Column extends string>(
  file: string,
  columns: readonly Column[],
  list: List<Column>,
): Promise<AuditReport> {
  const handle: FileHandle = await open(file, 'w');
  return {
    async write(id) {
      await handle.appendFile(csvLine(columns));
      let after: string | null = null;
      for (;;) {
        const rows = await list(id, { after, limit: BATCH });
        const lines = rows.map((row) => csvLine(columns.map((column) => row[column])));
        await handle.appendFile(lines.join(''));
        if (rows.length < BATCH) return;
        after = rows.at(-1)?.key ?? null;
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
