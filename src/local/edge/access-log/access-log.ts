import type { Socket } from 'node:net';
import type { Exchange } from '../answer.ts';
import { describeExchange } from './entry.ts';
import { FILE_HEADER, formatLine } from './fields.ts';
import { openLogFile } from './log-file.ts';

export interface AccessLog {
  /** To be told of an exchange at its very start; its line is written at its end. */
  watch(exchange: Exchange): void;
  /** Resolves when the lines of all finished exchanges are on disk. */
  flushed(): Promise<void>;
}

export interface AccessLogOptions {
  file: string;
  maxBytes: number;
  now: () => number;
  onProblem: (error: unknown) => void;
}

/** An access log in the format of CloudFront's standard logs, a line for each request. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const log = openLogFile({ ...options, header: FILE_HEADER });
  /** Bytes received on a kept-alive connection up to the end of its last request. */
  const receivedBefore = new WeakMap<Socket, number>();

  function watch(exchange: Exchange): void {
    const { request, response } = exchange;
    const { socket } = request;
    const startedAt = performance.now();
    const sentBefore = socket.bytesWritten;
    const viewer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };

    let firstByteMs: number | undefined;
    const writeHead = response.writeHead.bind(response);
    // Node calls it for heads that are written implicitly, as all of the edge's are, when the first
    // bytes go out; there is no event for that moment.
    response.writeHead = (status: number) => {
      firstByteMs = performance.now() - startedAt;
      return writeHead(status);
    };

    response.once('close', () => {
      const received = socket.bytesRead;
      const line = describeExchange(exchange, {
        finishedAt: options.now(),
        takenMs: performance.now() - startedAt,
        firstByteMs,
        receivedBytes: received - (receivedBefore.get(socket) ?? 0),
        sentBytes: socket.bytesWritten - sentBefore,
        viewer,
      });
      receivedBefore.set(socket, received);
      log.write(formatLine(line));
    });
  }

  return { watch, flushed: log.flushed };
}
