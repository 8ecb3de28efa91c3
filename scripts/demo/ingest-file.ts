import { stat } from 'node:fs/promises';
import path from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { contentTypeOfFile } from './content-type-of-file.ts';
import { download } from './download.ts';
import type { MediaApi } from './media-api.ts';
import { describeProblem, Problem } from './problem.ts';
import { type DemoFile, emptyRow, type Row } from './row.ts';
import type { StatusPoller } from './status-poller.ts';
import { upload } from './upload.ts';

export interface IngestTools {
  api: MediaApi;
  poller: StatusPoller;
  /** How many files may be on their way up, and how many on their way back, at once. */
  jobs: number;
  signal: AbortSignal;
  onSent(bytes: number): void;
  onReceived(bytes: number): void;
}

/**
 * Takes a file through the service and back: ingest URL, PUT, READY, signed URL, the same bytes.
 * Never rejects; whatever goes wrong is in the row.
 */
export function createFileIngester(tools: IngestTools): (file: DemoFile) => Promise<Row> {
  // Only transfers take a place: a file that waits for its check must not hold up another's upload.
  const uploads = pLimit(tools.jobs);
  const downloads = pLimit(tools.jobs);

  return async (file) => {
    const row = emptyRow(file);
    try {
      await takeThrough({ file, row, tools, uploads, downloads });
      row.ok = isAsExpected(row);
    } catch (error) {
      row.problem = tools.signal.aborted ? 'aborted' : describeProblem(error);
    }
    return row;
  };
}

interface Passage {
  file: DemoFile;
  /** Filled in on the way, so that it tells how far a file has come when something goes wrong. */
  row: Row;
  tools: IngestTools;
  uploads: LimitFunction;
  downloads: LimitFunction;
}

async function takeThrough(passage: Passage): Promise<void> {
  const { row, tools, uploads, downloads } = passage;
  const sent = await uploads(() => send(passage));
  const putAt = performance.now();
  const state = await tools.poller.untilSettled(sent.imageId);
  row.milliseconds = Math.round(performance.now() - putAt);
  row.status = state.status;
  row.failureReason = state.failureReason;
  if (state.status === 'READY') await downloads(() => fetchBack(passage, sent));
}

interface Sent {
  imageId: string;
  /** Of the file's bytes, as they were read for the upload. */
  sha256: string;
}

async function send({ file, row, tools }: Passage): Promise<Sent> {
  tools.signal.throwIfAborted();
  const contentType = contentTypeOfFile(file.path);
  if (contentType === null) throw new Problem('unsupported type');
  const stats = await stat(file.path);
  if (stats.isDirectory()) throw new Problem('is a directory');
  if (!stats.isFile()) throw new Problem('not a regular file');
  row.bytes = stats.size;
  const { imageId, uploadUrl, uploadHeaders } = await tools.api.createIngestUrl({
    contentType,
    fileName: path.basename(file.path),
    contentLength: stats.size,
  });
  row.id = imageId;
  row.status = 'PENDING';
  const sha256 = await upload({
    file: file.path,
    sizeBytes: stats.size,
    url: uploadUrl,
    headers: uploadHeaders,
    signal: tools.signal,
    onBytes: tools.onSent,
  });
  return { imageId, sha256 };
}

async function fetchBack({ row, tools }: Passage, { imageId, sha256 }: Sent): Promise<void> {
  tools.signal.throwIfAborted();
  row.url = await tools.api.downloadUrl(imageId);
  const back = await download(row.url, { signal: tools.signal, onBytes: tools.onReceived });
  if (back.sizeBytes !== row.bytes) {
    throw new Problem(`came back with ${back.sizeBytes} bytes instead of ${row.bytes}`);
  }
  if (back.sha256 !== sha256) throw new Problem('came back with other bytes');
}

function isAsExpected({ status, failureReason, expectedFailure }: Row): boolean {
  if (expectedFailure === null) return status === 'READY';
  return status === 'FAILED' && failureReason === expectedFailure;
}
