import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { partsOf, tileNames } from '../support/gallery-parts.ts';
import { storeImages } from '../support/gallery-rows.ts';
import { type GalleryStage, startGalleryStage, type Visit } from '../support/gallery-stage.ts';

const ROWS = 100_000;
const FIRST_DAY = Date.parse('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
/** Of elements: some screens of tiles, however many pictures there are. */
const BOUND = 1_500;

describeInBrowser('a gallery of a hundred thousand pictures', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;

  beforeAll(async () => {
    stage = await startGalleryStage();
    await fill(stage.stack.database);
  }, 300_000);

  afterAll(() => stage.close());

  const goTo = async (search: string) => {
    visit = await stage.visit({ search });
    parts = partsOf(visit.page);
  };

  beforeEach(() => goTo(''));

  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
  });

  const fileNames = async () =>
    (await tileNames(visit.page)).map((name) => name.replace(/, [^,]+$/, ''));
  const elements = () => visit.page.evaluate<number>('document.querySelectorAll("*").length');
  const indexes = () => visit.page.evaluate<number[]>('inPage.indexes()');
  const seeFirst = (name: string) =>
    eventually(async () => expect((await fileNames())[0]).toBe(name));
  const seePictures = (text: string) =>
    eventually(async () => expect(await parts.count.innerText()).toBe(text));

  /** As somebody does who holds the scroll bar at the bottom. */
  async function scrollOn(untilIndex: number): Promise<void> {
    await eventually(async () => {
      await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
      expect((await indexes()).at(-1)).toBeGreaterThanOrEqual(untilIndex);
    }, 150);
  }

  test('scrolling loads on and on, and the document does not grow', async () => {
    await seeFirst('row 100000.png');
    await seePictures('100,000 pictures');
    await scrollOn(200);
    const after200 = await elements();
    await scrollOn(1_500);
    expect(await elements()).toBeLessThan(Math.min(BOUND, after200 * 1.5));
    // Every picture in its place: none twice, none left out.
    expect(await fileNames()).toEqual((await indexes()).map((index) => `row ${ROWS - index}.png`));

    // All the way back is there at once.
    await visit.page.evaluate('scrollTo(0, 0)');
    await seeFirst('row 100000.png');
    expect(await elements()).toBeLessThan(BOUND);
  });

  test('days and order lead to any place without scrolling there', async () => {
    const { page } = visit;
    await page.getByRole('combobox', { name: 'Order' }).selectOption('OLDEST');
    await seeFirst('row 1.png');
    await seePictures('100,000 pictures');
    // Day 41 of the visitor's calendar, which begins an hour before UTC's.
    await page.getByLabel('Created from').fill('2026-02-10');
    await seeFirst(`row ${40 * 1440 - 60 + 1}.png`);
    await page.getByLabel('Created to').fill('2026-02-10');
    await seePictures('1,440 pictures');
    expect(page.url()).toMatch(/\?from=2026-02-10&to=2026-02-10&order=oldest$/);
    await scrollOn(1_439);
    await page.getByText('That is all of them.').waitFor();
    expect((await fileNames()).at(-1)).toBe(`row ${41 * 1440 - 60}.png`);
    expect(await elements()).toBeLessThan(BOUND);
  });

  test('filters are in the address: reloaded, sent on, or taken back', async () => {
    const { page } = visit;
    await page.getByRole('searchbox', { name: 'File name contains' }).fill('row 9999');
    await seePictures('11 pictures');
    await page.getByRole('combobox', { name: 'Type' }).selectOption({ label: 'PNG' });
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Ready' });
    await eventually(() => expect(page.url()).toMatch(/\?status=ready&type=png&name=row\+9999$/));
    await page.reload();
    await seePictures('11 pictures');
    expect(await page.getByRole('searchbox').inputValue()).toBe('row 9999');
    await seeFirst('row 99999.png');

    await page.getByRole('combobox', { name: 'Type' }).selectOption({ label: 'GIF' });
    await page.getByRole('heading', { name: 'No pictures match' }).waitFor();
    await page.locator('.empty').getByRole('button', { name: 'Clear filters' }).click();
    await seePictures('100,000 pictures');
    expect(new URL(page.url()).search).toBe('');
  });

  test('somebody who was sent an address sees what it says', async () => {
    await visit.close();
    await goTo('?name=ROW%2077777&type=nonsense&order=oldest');
    await seePictures('1 picture');
    expect(await fileNames()).toEqual(['row 77777.png']);
  });

  test('the keyboard goes everywhere, and the focus is never lost', async () => {
    const { page } = visit;
    await seeFirst('row 100000.png');
    const focused = () => page.evaluate<number>('inPage.focusedIndex()');
    const press = async (keys: string, index: number) => {
      await page.keyboard.press(keys);
      await eventually(async () => expect(await focused()).toBe(index));
    };
    await parts.tile(/^row 100000\.png/).focus();
    await press('ArrowRight', 1);
    await press('ArrowLeft', 0);
    const columns = await page.evaluate<number>('inPage.columns()');
    await press('ArrowDown', columns);
    await press('End', 2 * columns - 1);
    await press('Control+Home', 0);
    await page.keyboard.press('Control+End');
    await eventually(async () => expect(await focused()).toBeGreaterThanOrEqual(59));
    const last = await focused();
    // Scrolled away, it is still in the document; a key brings the page back to it.
    await page.evaluate('scrollTo(0, 0)');
    await press('ArrowUp', last - columns);
    const { top, bottom } = await page.evaluate<DOMRectLike>('inPage.focusedBox()');
    expect(top).toBeGreaterThanOrEqual(64);
    expect(bottom).toBeLessThanOrEqual(800);
  });
});

interface DOMRectLike {
  top: number;
  bottom: number;
}

const NAME_INDEX = 'image_records_file_name_grams_idx';

/** A picture a minute, in the order of their numbers. */
async function fill(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    // Made at once when all is stored, it takes a fifth of the time.
    const index = await client.query<{ indexdef: string }>(
      `SELECT indexdef FROM pg_indexes WHERE indexname = '${NAME_INDEX}'`,
    );
    await client.query(`DROP INDEX ${NAME_INDEX}`);
    await storeImages(
      databaseUrl,
      Array.from({ length: ROWS }, (_, index) => ({
        createdAt: new Date(FIRST_DAY + index * MINUTE_MS),
        fileName: `row ${index + 1}.png`,
      })),
    );
    await client.query(index.rows[0]?.indexdef ?? '');
    await client.query('ANALYZE image_records');
  } finally {
    await client.end();
  }
}
