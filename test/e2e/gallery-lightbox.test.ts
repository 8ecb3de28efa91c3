import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { deletePictures, storePictures } from '../support/gallery-fill.ts';
import { partsOf, stopClock, tileNames } from '../support/gallery-parts.ts';
import { type GalleryStage, startGalleryStage, type Visit } from '../support/gallery-stage.ts';
import { connectMediaClient, getBytes } from '../support/media-client.ts';
import { noise, quarters } from '../support/pictures.ts';

const GONE = 'This picture is not there any more. Somebody may have deleted it.';

describeInBrowser('looking at pictures, and deleting them', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;
  let panorama: Buffer;
  let ids: string[];

  beforeAll(async () => {
    stage = await startGalleryStage();
  });

  afterAll(() => stage.close());

  beforeEach(async () => {
    panorama = await quarters(3_000, 300).jpeg().toBuffer();
    const small = await quarters(300, 200).png().toBuffer();
    ids = await storePictures(stage.stack.graphql, [
      { name: 'last.png', bytes: small },
      { name: 'panorama.jpg', bytes: panorama },
      { name: 'first.jpg', bytes: await noise(200, 300).jpeg().toBuffer() },
    ]);
    visit = await stage.visit({ permissions: ['clipboard-read', 'clipboard-write'] });
    parts = partsOf(visit.page);
    await parts.tile(/^first\.jpg/).waitFor();
  });

  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
    await deletePictures(stage.stack.api, ids);
  });

  const isOpen = (name: string) => visit.page.getByRole('dialog', { name, exact: true }).waitFor();
  const press = (key: string) => visit.page.keyboard.press(key);
  const open = async (name: RegExp) => {
    await parts.tile(name).click();
    await parts.full.waitFor();
  };

  test('by keyboard: through all pictures, near and far, and back to the tile', async () => {
    const { page } = visit;
    await parts.tile(/^first\.jpg/).focus();
    await press('Enter');
    await isOpen('first.jpg');
    await parts.full.waitFor();
    expect(await page.locator('.lightbox-position').innerText()).toBe('1 of 3');
    expect(await parts.button('Previous picture').count()).toBe(0);
    await press('ArrowRight');
    await isOpen('panorama.jpg');
    await press('End');
    await isOpen('last.png');
    expect(await parts.button('Next picture').count()).toBe(0);
    await press('ArrowLeft');
    await isOpen('panorama.jpg');
    await parts.full.waitFor();

    const enlarged = page.getByRole('region', { name: 'Enlarged picture' });
    await press('+');
    await enlarged.waitFor();
    const box = await parts.full.boundingBox();
    expect(box).toMatchObject({ width: 3_000, height: 300 });
    await press('ArrowRight');
    await eventually(async () =>
      expect((await parts.full.boundingBox())?.x).toBeLessThan(box?.x ?? 0),
    );
    await press('-');
    await enlarged.waitFor({ state: 'detached' });
    expect((await parts.full.boundingBox())?.width).toBeLessThanOrEqual(1_200);

    await press('Escape');
    await parts.lightbox.waitFor({ state: 'detached' });
    await eventually(async () =>
      expect(await page.evaluate('document.activeElement.ariaLabel')).toMatch(/^panorama\.jpg/),
    );
  });

  test('details, a link that works for anyone, a download and a tab of its own', async () => {
    const { page } = visit;
    await open(/^panorama\.jpg/);
    await parts.button('Details').click();
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByText('3000 × 300 pixels').waitFor();
    await details.getByText(ids[1] ?? '').waitFor();

    await parts.button('Copy link').click();
    await parts.messages.getByText(/^Link copied. Anyone can open it for \d+ minutes/).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(await getBytes(link)).toEqual({ status: 200, bytes: panorama });

    const begun = page.waitForEvent('download');
    await parts.button('Download').click();
    const download = await begun;
    expect(download.suggestedFilename()).toBe('panorama.jpg');
    expect(await readFile(await download.path())).toEqual(panorama);

    const popup = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open in new tab' }).click();
    await eventually(async () => expect((await popup).url()).toContain(stage.stack.edge));
  });

  test('where the clipboard is not to be had, the link is shown', async () => {
    await visit.context.clearPermissions();
    await visit.page.evaluate('delete Clipboard.prototype.writeText');
    await open(/^last\.png/);
    await parts.button('Copy link').click();
    const link = await visit.page
      .getByRole('textbox', { name: 'Link to the picture' })
      .inputValue();
    expect(await getBytes(link)).toMatchObject({ status: 200 });
  });

  test('deleted and undone, it is back in its place', async () => {
    const { page } = visit;
    await page.clock.install();
    await page.reload();
    await parts.tile(/^first\.jpg/).waitFor();
    await stopClock(page);
    const before = await tileNames(page);
    await open(/^panorama\.jpg/);
    await press('Delete');
    await isOpen('last.png');
    await parts.messages.getByText('1 picture deleted').waitFor();
    await press('Control+z');
    await press('Escape');
    await eventually(async () => expect(await tileNames(page)).toEqual(before));

    await parts.tile(/^panorama\.jpg/).focus();
    await press('Space');
    await press('ArrowRight');
    await press('Shift+Space');
    const selection = page.getByRole('region', { name: 'Selection' });
    await selection.getByText('2 selected').waitFor();
    await selection.getByRole('button', { name: 'Delete 2' }).click();
    await eventually(async () => expect(await tileNames(page)).toEqual(before.slice(0, 1)));
    await parts.messages.getByText('2 pictures deleted').waitFor();
    await parts.messages.getByRole('button', { name: 'Undo' }).click();
    await eventually(async () => expect(await tileNames(page)).toEqual(before));
  });

  test('deleted for good, nobody gets it any more, in another tab and with an old link', async () => {
    const { page, context } = visit;
    await page.clock.install();
    await page.reload();
    const other = await context.newPage();
    await other.goto(stage.stack.api);
    const others = partsOf(other);
    await others.tile(/^first\.jpg/).waitFor();
    const client = connectMediaClient(stage.stack.graphql);
    const { access } = await client.image(ids[2] ?? '');
    const url = access?.downloadUrl ?? '';
    expect(await getBytes(url)).toMatchObject({ status: 200 });

    await parts.tile(/^first\.jpg/).focus();
    await stopClock(page);
    await press('Delete');
    await parts.messages.getByText('1 picture deleted').waitFor();
    await page.clock.fastForward(9_000);
    expect(await parts.messages.getByRole('button', { name: 'Undo' }).count()).toBe(1);
    expect(await getBytes(url)).toMatchObject({ status: 200 });
    await page.clock.fastForward(1_000);
    await parts.messages.getByText('1 picture deleted').waitFor({ state: 'detached' });
    await eventually(async () => expect((await getBytes(url)).status).toBeGreaterThan(400));

    await others.tile(/^first\.jpg/).click();
    await other.getByRole('alert').getByText(GONE).waitFor();
    await other.keyboard.press('Escape');
    await others.button('Look for new pictures').click();
    await others.tile(/^first\.jpg/).waitFor({ state: 'detached' });
    await others.tile(/^panorama\.jpg/).waitFor();
  });

  test('what was deleted just before the page is left is deleted, too', async () => {
    await parts.tile(/^last\.png/).focus();
    await press('Delete');
    await parts.messages.getByText('1 picture deleted').waitFor();
    await visit.page.goto('about:blank');
    const client = connectMediaClient(stage.stack.graphql);
    await eventually(async () => expect(await client.image(ids[0] ?? '')).toBeNull());
  });
});
