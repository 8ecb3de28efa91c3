import { type ImageId, isImageId } from '../domain/image-id.ts';
import { createBackoff } from './backoff.ts';
import { IMAGE_CHANGES } from './image-records/changes.ts';
import { listen, type Pulse } from './listen.ts';
import type { Logger } from './logger.ts';

export interface ChangeListener {
  /** The record of this image has changed, or is gone. */
  onChange(id: ImageId): void;
  /** Anything may have changed without `onChange`: listening has only just begun, or begun again. */
  onGap(): void;
}

/** Tells which images change, whichever process changes them. */
export interface ImageChanges {
  /** Connects, and stays connected through every outage until `close`. Once at most. */
  listen(listener: ChangeListener): void;
  close(): Promise<void>;
}

export interface ImageChangesOptions {
  /** Of a session that stays: not through a pooler that lends sessions for a transaction only. */
  databaseUrl: string;
  logger: Logger;
  pulse?: Pulse;
}

const PULSE: Pulse = { everyMs: 10_000, timeoutMs: 5_000 };

/** Connects to nothing until somebody listens: then one connection, beside the pool. */
export function createImageChanges(options: ImageChangesOptions): ImageChanges {
  const { databaseUrl, logger, pulse = PULSE } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const backoff = createBackoff(signal);
  let running: Promise<void> | undefined;

  async function run({ onChange, onGap }: ChangeListener): Promise<void> {
    while (!signal.aborted) {
      try {
        await listen({
          databaseUrl,
          channel: IMAGE_CHANGES,
          pulse,
          signal,
          onListening() {
            logger.info('live.listening');
            onGap();
          },
          onNotice(payload) {
            if (isImageId(payload)) onChange(payload);
          },
          onHeard: backoff.succeeded,
        });
      } catch (error) {
        backoff.failed();
        logger.warn({ err: error, failures: backoff.failures }, 'live.not_listening');
        await backoff.wait();
      }
    }
  }

  return {
    listen(listener) {
      running ??= run(listener);
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
