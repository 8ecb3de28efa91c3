import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** In the order of preference; the build has put each beside its file, under this extension. */
export const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
export type Encoding = keyof typeof ENCODINGS;

/** One file of the built page, in memory: there are few, and no path ever reaches the disk. */
export interface PageFile {
  /** With the file's name hashed by the build, so that what is there never changes. */
  immutable: boolean;
  body: Buffer;
  /** The same, compressed; without those that the build did not find worth it. */
  encoded: ReadonlyMap<Encoding, Buffer>;
  /** Of `body`, in hexadecimal. */
  hash: string;
}

/**
 * The files below a directory by their paths in URLs (`/index.html`, `/assets/...`); none when it
 * does not exist. Hidden files are not part of the page.
 */
export async function readPageFiles(directory: string): Promise<ReadonlyMap<string, PageFile>> {
  const names = await namesBelow(directory);
  const extensions: readonly string[] = Object.values(ENCODINGS);
  const own = names.filter((name) => !extensions.includes(path.extname(name)));
  const files = new Map<string, PageFile>();
  for (const name of own) {
    const body = await readFile(path.join(directory, name));
    const encoded = new Map<Encoding, Buffer>();
    for (const [encoding, extension] of Object.entries(ENCODINGS) as [Encoding, string][]) {
      if (!names.includes(name + extension)) continue;
      encoded.set(encoding, await readFile(path.join(directory, name + extension)));
    }
    const urlPath = `/${name.split(path.sep).join('/')}`;
    files.set(urlPath, {
      immutable: urlPath.startsWith('/assets/'),
      body,
      encoded,
      hash: createHash('sha256').update(body).digest('hex'),
    });
  }
  return files;
}

async function namesBelow(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
