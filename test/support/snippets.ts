import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Fenced blocks that say which file they are: ```ts file=name.ts */
const NAMED_BLOCK = /^```\w+ file=(\S+)\n(.*?)^```$/gms;

export interface Snippets {
  directory: string;
  names: string[];
  remove(): Promise<void>;
}

/** Writes the named blocks of a page of the docs, as they are, to where packages are found. */
export async function extractSnippets(page: string): Promise<Snippets> {
  const markdown = await readFile(path.join(ROOT, page), 'utf8');
  const parent = path.join(ROOT, '.local');
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(path.join(parent, 'snippets-'));
  const names: string[] = [];
  for (const [, name = '', text = ''] of markdown.matchAll(NAMED_BLOCK)) {
    await writeFile(path.join(directory, name), text);
    names.push(name);
  }
  return { directory, names, remove: () => rm(directory, { recursive: true }) };
}
