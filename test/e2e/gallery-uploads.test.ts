import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import {
  handOver,
  type PickedFile,
  partsOf,
  pick,
  seeCount,
  tileNames,
} from '../support/gallery-parts.ts';
import { type GalleryStage, startGalleryStage, type Visit } from '../support/gallery-stage.ts';
import { quarters } from '../support/pictures.ts';

const LIMIT = 200_000;
const LIE = 'This file is not the JPEG picture it says it is.';

describeInBrowser('uploading in the gallery', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;

  beforeAll(async () => {
    stage = await startGalleryStage({ S3_MAX_INGEST_SIZE_BYTES: String(LIMIT) });
  });

  afterAll(() => stage.close());

  beforeEach(async () => {
    visit = await stage.visit();
    parts = partsOf(visit.page);
  });

  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
  });

  /** Uploads wait until the function it resolves with is called. */
  async function holdUploads(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    await visit.page.route(`${stage.stack.s3}/**`, async (route) => {
      await promise;
      await route.continue();
    });
    return resolve;
  }

  /** Without the sizes. */
  const outcomes = async () =>
    (await tileNames(visit.page)).map((name) => name.replace(/, [\d.]+ (bytes|kB)$/, ''));

  test('five types and a liar: pictures at once, then six right outcomes, live', async () => {
    const { page } = visit;
    await page.getByRole('heading', { name: 'Your pictures go here' }).waitFor();
    const release = await holdUploads();
    await pick(page, [...(await everyType()), await liar()], 'Choose pictures');

    // The browser shows what it can read, before a byte has left.
    await seeCount(page.locator('.tile-picture img[src^="blob:"]'), 6);
    await seeCount(parts.loaded, 0);
    expect(await page.getByRole('progressbar', { name: 'All uploads' }).count()).toBe(1);
    await page.evaluate('window.sameDocument = true');

    release();
    await seeCount(parts.loaded, 5);
    await parts.tile(`liar.jpg, ${LIE}`).waitFor();
    await page.getByText(LIE, { exact: true }).waitFor();
    await page.getByText('5 of 6 uploaded, 1 failed').first().waitFor();
    expect(await outcomes()).toEqual(OUTCOMES);
    await eventually(async () => expect(await parts.count.innerText()).toBe('6 pictures'));
    expect(await page.evaluate('window.sameDocument')).toBe(true);

    await page.reload();
    await seeCount(parts.loaded, 5);
    // Newest first; three at a time are uploaded, in whatever order they are through.
    expect((await outcomes()).sort()).toEqual(OUTCOMES);
  });

  test('dropped and pasted files are taken as well', async () => {
    const { page } = visit;
    const picture = await jpeg();
    await handOver(page, 'drag', [picture]);
    await page.getByText('Drop to upload').waitFor();
    await handOver(page, 'drop', [{ ...picture, name: 'dropped.jpg' }]);
    await page.getByText('Drop to upload').waitFor({ state: 'hidden' });
    await handOver(page, 'paste', [{ ...picture, name: 'pasted.jpg' }]);
    await parts.tile(/^pasted\.jpg, JPEG, /).waitFor();
    await parts.tile(/^dropped\.jpg, JPEG, /).waitFor();
  });

  test('of a dropped folder the pictures are taken, however deep they are', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'drop-test-'));
    try {
      const { buffer } = await jpeg();
      await mkdir(path.join(folder, 'deeper'));
      await writeFile(path.join(folder, 'top.jpg'), buffer);
      await writeFile(path.join(folder, 'deeper', 'deep.jpg'), buffer);
      await writeFile(path.join(folder, '.hidden'), 'not meant');
      await dropFromSystem(visit, [folder]);
      await parts.tile(/^top\.jpg, JPEG, /).waitFor();
      await parts.tile(/^deep\.jpg, JPEG, /).waitFor();
      await visit.page.getByText('2 pictures uploaded').first().waitFor();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('what cannot be taken says why, and what can goes on', async () => {
    const { page } = visit;
    const png = 'image/png';
    await handOver(page, 'drop', [
      { name: 'phone.heic', mimeType: 'image/heic', buffer: Buffer.from('heic') },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') },
      { name: 'nothing.png', mimeType: png, buffer: Buffer.alloc(0) },
      { name: 'large.png', mimeType: png, buffer: Buffer.alloc(LIMIT + 1) },
      {
        name: 'torn.png',
        mimeType: png,
        buffer: (await quarters().png().toBuffer()).subarray(0, 90),
      },
      { ...(await jpeg()), name: 'good.jpg' },
    ]);
    await parts.tile(/^good\.jpg, JPEG, /).waitFor();
    const types = 'JPEG, PNG, WebP, AVIF and GIF are.';
    await parts.tile(`phone.heic, HEIC pictures are not supported; ${types}`).waitFor();
    await parts.tile(`notes.txt, Files of this type are not supported; ${types}`).waitFor();
    await parts.tile('nothing.png, This file is empty.').waitFor();
    await parts.tile('large.png, This file is too large; up to 195 KB are taken.').waitFor();
    const torn = 'This PNG file is damaged: the picture in it cannot be opened.';
    await parts.tile(`torn.png, ${torn}`).waitFor();
    expect(await parts.button(/^Retry /).count()).toBe(0);

    await parts.button('Dismiss notes.txt').click();
    await parts.tile(/^notes\.txt/).waitFor({ state: 'detached' });
  });

  test('names are shown as they are, whatever they are', async () => {
    const names = [
      '<img src=x onerror=alert(1)>.png',
      'צילום מסך 2026.png',
      '👩‍👩‍👧 family & friends “2026”.png',
      `${'long '.repeat(49)}name.png`,
    ];
    const buffer = await quarters().png().toBuffer();
    await pick(
      visit.page,
      names.map((name) => ({ name, mimeType: 'image/png', buffer })),
    );
    const expected = names.map((name) => `${name}, PNG`);
    await eventually(async () =>
      expect(await outcomes()).toEqual(expect.arrayContaining(expected)),
    );
  });

  test('what the page is told names no bucket and no key, but for where to upload', async () => {
    const { stack } = stage;
    const texts: string[] = [];
    // Read on its way: what the page has read already, the browser may not have any more.
    await visit.page.route(`${stack.api}/graphql`, async (route) => {
      const response = await route.fetch();
      texts.push(await response.text());
      await route.fulfill({ response });
    });
    await visit.page.reload();
    for (const url of [visit.page.url(), ...(await visit.page.evaluate<string[]>(ASSETS))]) {
      texts.push(await (await fetch(url)).text());
    }
    const picture = await jpeg();
    await pick(visit.page, [{ ...picture, name: 'secret.jpg' }]);
    await parts.tile(/^secret\.jpg, JPEG/).waitFor();
    await parts.tile(/^secret\.jpg/).click();
    await parts.full.waitFor();

    const told = texts.join('\n');
    const uploadUrl = /"uploadUrl":"([^"]+)"/.exec(told)?.[1] ?? '';
    expect(uploadUrl).toContain(`${stack.s3}/${stack.bucket}/`);
    const rest = [told.replaceAll(uploadUrl, ''), await visit.page.content()].join('\n');
    expect(rest).toContain('secret.jpg');
    const bucket = `/${stack.bucket}/`;
    for (const secret of [bucket, stack.s3, ...Object.values(stack.credentials)]) {
      expect(rest).not.toContain(secret);
    }
    expect(rest).not.toMatch(/PRIVATE KEY|AKIA|X-Amz-/);
  });
});

/** As from the file manager: only so a folder can be dropped. */
async function dropFromSystem({ context, page }: Visit, files: string[]): Promise<void> {
  const session = await context.newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await send('dragEnter');
  await send('dragOver');
  // The browser gives a page only what it has said it takes.
  await page.getByText('Drop to upload').waitFor();
  await send('drop');
}

const ASSETS = `[...document.querySelectorAll('script, link')].map(({ src, href }) => src ?? href)`;

const OUTCOMES = [
  'a.jpg, JPEG',
  'b.png, PNG',
  'c.webp, WebP',
  'd.avif, AVIF',
  'e.gif, GIF',
  `liar.jpg, ${LIE}`,
];

async function jpeg(): Promise<PickedFile> {
  return { name: 'a.jpg', mimeType: 'image/jpeg', buffer: await quarters().jpeg().toBuffer() };
}

async function everyType(): Promise<PickedFile[]> {
  const large = () => quarters(640, 400);
  const files = {
    'a.jpg': large().jpeg(),
    'b.png': large().png(),
    'c.webp': large().webp(),
    'd.avif': large().avif({ effort: 0 }),
    'e.gif': large().gif(),
  };
  return Promise.all(
    Object.entries(files).map(async ([name, drawn]) => {
      const { data, info } = await drawn.toBuffer({ resolveWithObject: true });
      const type = info.format === 'heif' ? 'avif' : info.format;
      return { name, mimeType: `image/${type}`, buffer: data };
    }),
  );
}

/** A PNG that says it is a JPEG. */
async function liar(): Promise<PickedFile> {
  const buffer = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  return { name: 'liar.jpg', mimeType: 'image/jpeg', buffer };
}
