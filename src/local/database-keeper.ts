import { setTimeout as sleep } from 'node:timers/promises';
import { databaseUrl, startDatabase } from './parts.ts';

/** After PostgreSQL died and could not be started at once, in milliseconds. */
const RETRY_MS = 1_000;

export interface DatabaseKeeper {
  /** Stays the same over restarts. */
  url: string;
  stop(): Promise<void>;
}

/** Runs PostgreSQL, and starts it again when it dies. */
export async function keepDatabase(
  stateDir: string,
  port: number,
  onProblem: (part: string, error: unknown) => void,
): Promise<DatabaseKeeper> {
  let stopping = false;
  let restarting: Promise<void> | undefined;
  let postgres = await startDatabase(stateDir, port);
  const url = databaseUrl(postgres);
  watch();

  function watch(): void {
    postgres.onExit((code) => {
      onProblem('PostgreSQL', new Error(`ended with ${code ?? 'a signal'}; starting it again`));
      restarting = restart();
    });
  }

  async function restart(): Promise<void> {
    while (!stopping) {
      try {
        postgres = await startDatabase(stateDir, port);
        watch();
        return;
      } catch (error) {
        onProblem('PostgreSQL', error);
        await sleep(RETRY_MS);
      }
    }
  }

  return {
    url,
    async stop() {
      stopping = true;
      await restarting;
      await postgres.stop();
    },
  };
}
