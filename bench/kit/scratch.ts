import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A directory that is gone, with all that is in it, when `use` is done. */
export async function withScratchDirectory<Result>(
  name: string,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(path.join(os.tmpdir(), `bench-${name}-`));
  try {
    // PostgreSQL may have to run as another user, who passes through here.
    await chmod(directory, 0o711);
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
