import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export const SCRIPT = 'document.title = "a page";'.repeat(100);
export const INDEX = '<!doctype html><script type="module" src="./assets/main-B1_x.js"></script>';

/** A stand-in for the built gallery page, as `vite build` leaves one. */
export interface StandInPage {
  directory: string;
  remove(): Promise<void>;
}

export async function makeStandInPage(): Promise<StandInPage> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'page-test-'));
  const files: Record<string, string | Buffer> = {
    'index.html': INDEX,
    'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'a (1).txt': 'text',
    '.stamp': 'not part of the page',
    'assets/main-B1_x.js': SCRIPT,
    'assets/main-B1_x.js.br': brotliCompressSync(SCRIPT),
    'assets/main-B1_x.js.gz': gzipSync(SCRIPT),
    'assets/main-C2_y.css': 'body { color: CanvasText }',
    'assets/picture-D3.webp': Buffer.from('RIFF'),
  };
  await mkdir(path.join(directory, 'assets'));
  for (const [name, body] of Object.entries(files)) {
    await writeFile(path.join(directory, name), body);
  }
  return { directory, remove: () => rm(directory, { recursive: true }) };
}
