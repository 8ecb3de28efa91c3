import { findFreePort } from '../../src/local/ports.ts';

/** As many as a stack takes, and some. */
const BLOCK = 10;
const BLOCKS_PER_WORKER = 100;
/** Above a developer's own stack, below the ports that the system hands out by itself. */
const FIRST = 10_000;
const WORKERS = 10;

/**
 * The first of ten free ports in a row. No other test file of this run is given the same ones: a
 * stack takes its ports one after the other while it starts, and two files start theirs at a time.
 */
export async function findPorts(): Promise<number> {
  const worker = Number(process.env.JEST_WORKER_ID ?? 1) % WORKERS;
  const offset = Math.floor(Math.random() * BLOCKS_PER_WORKER);
  for (let tried = 0; tried < BLOCKS_PER_WORKER; tried += 1) {
    const block = worker * BLOCKS_PER_WORKER + ((offset + tried) % BLOCKS_PER_WORKER);
    const first = FIRST + BLOCK * block;
    if (await areFree(first)) return first;
  }
  throw new Error(`no ${BLOCK} ports in a row are free for worker ${worker} of Jest`);
}

async function areFree(first: number): Promise<boolean> {
  for (let port = first; port < first + BLOCK; port += 1) {
    if ((await findFreePort(port)) !== port) return false;
  }
  return true;
}
