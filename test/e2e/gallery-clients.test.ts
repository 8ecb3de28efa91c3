import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StackFile } from '../../src/local/stack-file.ts';
import { eventually } from '../support/eventually.ts';
import { type GalleryClient, loadGalleryClients } from '../support/gallery-clients.ts';
import { connectMediaClient, putBytes } from '../support/media-client.ts';
import { scrape } from '../support/metrics.ts';
import { findPorts } from '../support/ports.ts';
import { extractSnippets, type Snippets } from '../support/snippets.ts';
import { makeStackState, type StackRun, type StackState } from '../support/stack.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

/** The snippets of docs/gallery.md, as they are there, against the whole stack. */
let snippets: Snippets;
let state: StackState;
let run: StackRun;
let stack: StackFile;
let clients: Record<string, GalleryClient>;
let png: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  snippets = await extractSnippets('docs/gallery.md');
  png = new Uint8Array((await drawTinyImages())['image/png']);
  state = await makeStackState();
  run = state.run(await findPorts());
  stack = await run.ready();
  clients = await loadGalleryClients(snippets.directory, stack.api);
});

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.close();
  await state?.remove();
  await snippets.remove();
});

const fileNamed = (name: string, bytes = png) => new File([bytes], name, { type: 'image/png' });

test('the snippets are TypeScript', async () => {
  const config = path.join(snippets.directory, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: '../../tsconfig.gallery.json',
      // Not every library's types are made for it, and few projects turn it on.
      compilerOptions: { exactOptionalPropertyTypes: false, types: [] },
      include: ['.'],
      exclude: [],
    }),
  );
  const tsc = path.resolve(import.meta.dirname, '../../node_modules/.bin/tsc');
  // It ends with another status than 0 when it finds something.
  const { stdout } = await promisify(execFile)(tsc, ['--noEmit', '-p', config]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

describe.each(['plain', 'apollo', 'urql'])('%s', (name) => {
  const client = (): GalleryClient => {
    const found = clients[name];
    if (!found) throw new Error(`there is no client ${name}`);
    return found;
  };
  let ids: string[];

  test('uploads, and follows to READY', async () => {
    const uploads = ['a.png', 'b.png', 'c.png'].map((file) => client().upload(fileNamed(file)));
    ids = await Promise.all(uploads);
    const last = await client().follow(ids);
    expect(last).toEqual(Object.fromEntries(ids.map((id) => [id, 'READY'])));
  });

  test('follows what is not what it says to FAILED', async () => {
    const text = new TextEncoder().encode('not a picture');
    const id = await client().upload(fileNamed('liar.png', text));
    expect(await client().follow([id])).toEqual({ [id]: 'FAILED' });
    await client().remove([id]);
  });

  test('says why an upload is refused', async () => {
    const text = new File(['text'], 'a.txt', { type: 'text/plain' });
    await expect(client().upload(text)).rejects.toThrow(/content ?type/i);
  });

  test('lists page by page, the newest first, to the end', async () => {
    await eventually(async () => {
      const listed = (await client().list(2)).map(({ id }) => id);
      expect(listed).toEqual([...ids].sort().reverse());
    });
  });

  test('gets fresh URLs that work', async () => {
    const [before] = await client().list(2);
    const url = await eventually(async () => {
      const fresh = await client().freshUrl(before?.id ?? '');
      expect(fresh).not.toBe(before?.thumbnail?.downloadUrl);
      return fresh;
    });
    expect(url).toContain(`${stack.edge}/thumbnails/${before?.id}.jpg`);
    expect((await fetch(url)).status).toBe(200);
  });

  test('deletes', async () => {
    await client().remove(ids);
    await eventually(async () => expect(await client().list(2)).toEqual([]));
  });
});

test('a stream that breaks is taken up again, by each of them', async () => {
  const upload = await connectMediaClient(stack.graphql).createIngestUrl('image/png', 'late.png');
  const following = Object.values(clients).map((client) => client.follow([upload.id]));
  await eventually(async () => {
    const metrics = await scrape(stack.apiMetrics);
    expect(metrics.get('media_live_streams')).toBe(3);
  });
  process.kill(await run.partPid('api'), 'SIGKILL');
  await putBytes(upload, png);
  const end = { [upload.id]: 'READY' };
  expect(await Promise.all(following)).toEqual([end, end, end]);
});
