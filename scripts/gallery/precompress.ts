import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Pictures and fonts are compressed as they are. */
const WORTH_IT = /\.(html|js|css|svg|json|txt)$/;

/** About what fits in one packet anyway. */
const MIN_BYTES = 1_200;

const ENCODERS = {
  '.br': (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
    }),
  '.gz': (body: Buffer) => promisify(gzip)(body, { level: 9 }),
};

/** Puts a compressed copy beside every file below `directory` that gets smaller by it. */
export async function precompress(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !WORTH_IT.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const body = await readFile(file);
    if (body.length < MIN_BYTES) continue;
    for (const [extension, encode] of Object.entries(ENCODERS)) {
      const encoded = await encode(body);
      if (encoded.length < body.length) await writeFile(file + extension, encoded);
    }
  }
}
