import { randomBytes } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The contents of objects: one file a version, never changed once it is in place, named by a
 * random id. Keys name no files, so no key can climb out of the folder, be too long for a file
 * system, or meet another one on a disk that ignores case.
 */
export interface ContentFiles {
  newId(): string;
  /** A file to receive content in; `discard` removes it unless it was placed. */
  receive(): Promise<Receiving>;
  /** A second name for the content of `id`, to be placed as another version's. */
  duplicate(id: string): string;
  /** Moves a received file to its place. */
  place(path: string, id: string): void;
  /** A file descriptor that stays readable when the version is removed meanwhile. */
  openForReading(id: string): number;
  remove(id: string): void;
  /** Removes every content that `isKnown` does not know: left by a process that was killed. */
  sweep(isKnown: (id: string) => boolean): Promise<void>;
}

export interface Receiving {
  readonly path: string;
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
  discard(): Promise<void>;
}

export async function openContentFiles(directory: string): Promise<ContentFiles> {
  const temporary = join(directory, 'tmp');
  const contents = join(directory, 'contents');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await mkdir(contents, { recursive: true });
  const shards = new Set<string>();

  const newId = (): string => randomBytes(16).toString('hex');
  // Shards keep folders small where a file system's big ones are slow.
  const pathOf = (id: string): string => join(contents, id.slice(0, 2), id);

  async function receive(): Promise<Receiving> {
    const path = join(temporary, newId());
    const file = await open(path, 'wx');
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (isOpen) await file.close();
      isOpen = false;
    };
    return {
      path,
      write: async (chunk) => {
        for (let done = 0; done < chunk.length; ) {
          done += (await file.write(chunk, done)).bytesWritten;
        }
      },
      close,
      discard: async () => {
        await close();
        await rm(path, { force: true });
      },
    };
  }

  return {
    newId,
    receive,
    duplicate: (id) => {
      const path = join(temporary, newId());
      try {
        linkSync(pathOf(id), path);
      } catch {
        // Not every file system has hard links.
        copyFileSync(pathOf(id), path);
      }
      return path;
    },
    place: (path, id) => {
      const shard = id.slice(0, 2);
      if (!shards.has(shard)) mkdirSync(join(contents, shard), { recursive: true });
      shards.add(shard);
      renameSync(path, pathOf(id));
    },
    openForReading: (id) => openSync(pathOf(id), 'r'),
    remove: (id) => rmSync(pathOf(id), { force: true }),
    sweep: async (isKnown) => {
      for (const shard of await readdir(contents)) {
        for (const id of await readdir(join(contents, shard))) {
          if (!isKnown(id)) await rm(join(contents, shard, id), { recursive: true, force: true });
        }
      }
    },
  };
}
