import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  AuditChange,
  AuditPage,
  AuditStage,
  Intents,
} from '../../src/features/audit/model.ts';
import { counted, startTestAudit, type TestAudit } from '../support/audit-store.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

/** A page that was done, or half done, by a run that was killed before it could count it. */

let audit: TestAudit;
let images: TinyImages;
beforeAll(async () => {
  images = await drawTinyImages();
});
beforeEach(async () => {
  audit = await startTestAudit();
});
afterEach(() => audit.close());

const asPng = { ContentType: 'image/png' };
const asJpeg = { ContentType: 'image/jpeg' };

async function plant(): Promise<void> {
  const [jpeg, png] = [images['image/jpeg'], images['image/png']];
  for (const n of [1, 2, 3]) {
    await audit.put(`a/lying-${n}.png`, jpeg, asPng);
    await audit.put(`a/right-${n}.png`, png, asPng);
    await audit.put(`b/thumb_lying-${n}.png`, jpeg, asPng);
    await audit.put(`b/thumb_right-${n}.png`, png, asPng);
    await audit.put(`c/thumb_both-${n}.png`, jpeg, asPng);
    await audit.put(`c/thumb_both-${n}.jpg`, jpeg, asJpeg);
  }
}

/** What a run would have stored, and the next one would be handed. */
function recordIntents(earlier: Intents['earlier'] = new Map()) {
  const stored = new Map<string, AuditChange>();
  const intents: Intents = { add: async (change) => void stored.set(change.key, change), earlier };
  return { stored, intents };
}

const essence = ({ stats, changes, errors }: AuditPage) => ({
  stats: counted(stats),
  changes,
  errors,
});

describe.each<[AuditStage, Partial<AuditPage['stats']>]>([
  [1, { processed: 6, fixed: 3, already_correct: 3 }],
  [2, { processed: 9, copied: 3, already_exists: 3, skipped_not_jpeg: 3 }],
  [3, { processed: 9, deleted: 3, skipped_no_jpg: 6 }],
])('stage %d', (stage, stats) => {
  test('a page that was done already counts as it would have', async () => {
    await plant();
    const { stored, intents } = recordIntents();
    const lost = await audit.page({ stage }, { intents });
    expect(counted(lost.stats)).toEqual(stats);
    expect([...stored.values()]).toEqual(expect.arrayContaining(lost.changes));
    const before = await audit.history();

    const again = await audit.page({ stage }, recordIntents(stored));
    expect(essence(again)).toEqual(essence(lost));
    // And nothing is done twice.
    expect(await audit.history()).toEqual(before);
    // To those who begin anew it is as it is.
    const other = await audit.page({ stage }, recordIntents());
    expect(other.changes).toEqual([]);
  });

  test('what was to be changed and was not is changed now', async () => {
    await plant();
    const dry = await audit.page({ stage, dryRun: true });
    const stored = new Map(dry.changes.map((change) => [change.key, change]));
    const again = await audit.page({ stage }, recordIntents(stored));
    expect(essence(again)).toEqual(essence(dry));
    expect((await audit.page({ stage, dryRun: true })).changes).toEqual([]);
  });

  test('a limit counts what was done by the run before', async () => {
    await plant();
    const { stored, intents } = recordIntents();
    const lost = await audit.page({ stage }, { intents, remaining: 4 });
    const again = await audit.page({ stage }, { ...recordIntents(stored), remaining: 4 });
    expect({ ...essence(again), next: again.next }).toEqual({ ...essence(lost), next: lost.next });
  });
});

test('a dry run stores nothing', async () => {
  await plant();
  for (const stage of [1, 2, 3] as const) {
    const { stored, intents } = recordIntents();
    const page = await audit.page({ stage, dryRun: true }, { intents });
    expect(page.changes).toHaveLength(3);
    expect([...stored]).toEqual([]);
  }
});

test('nothing is changed that could not be stored before', async () => {
  await plant();
  const before = await audit.history();
  const refused = { add: () => Promise.reject(new Error('no database')), earlier: new Map() };
  for (const stage of [1, 2, 3] as const) {
    await expect(audit.page({ stage }, { intents: refused })).rejects.toThrow('no database');
  }
  expect(await audit.history()).toEqual(before);
});
