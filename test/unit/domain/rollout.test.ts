import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isRolledOut } from '../../../src/domain/rollout.ts';
import { wishlistImageUrl } from '../../../src/domain/wishlist-image-url.ts';

const COUNT = 10_000;
const PERCENTS = Array.from({ length: 101 }, (_, percent) => percent);

/** Ids as they come: a hundred of each millisecond, that differ in what is random only. */
const IDS = Array.from({ length: COUNT }, (_, n) => {
  const random = createHash('sha256').update(String(n)).digest('hex').slice(0, 16).toUpperCase();
  return `01HF7Y${String(n % 100).padStart(4, '0')}${random}`;
});

const RULES = { bucket: 'b', region: 'eu-central-1', cdnOrigin: 'https://cdn.example.com' };

type Place = 'cdn' | 'as before' | 'elsewhere';

/** Where an item's picture is shown from. */
function placeOf(id: string, percent: number): Place {
  const imageUrl = `https://b.s3.amazonaws.com/uploads/wishlist/${id}`;
  const picture = { imageKey: null, imageUrl, imageUpdatedAt: null };
  const url = wishlistImageUrl(picture, RULES, isRolledOut(id, percent));
  if (url === imageUrl) return 'as before';
  return url === `https://cdn.example.com/uploads/wishlist/${id}` ? 'cdn' : 'elsewhere';
}

describe(`${COUNT} items`, () => {
  test('while the number is raised only ever move from where they were to the CDN', () => {
    const steps = [0, 10, 50, 100];
    const histories = IDS.map((id) => steps.map((percent) => placeOf(id, percent)).join(', '));
    const possible = steps.map((_, moves) =>
      steps.map((_percent, step) => (step <= moves ? 'as before' : 'cdn')).join(', '),
    );
    expect(new Set(histories)).toEqual(new Set(possible.slice(0, -1)));
  });

  test('never come back at any number', () => {
    const comeBack = IDS.filter((id) =>
      PERCENTS.slice(1).some(
        (percent) => isRolledOut(id, percent - 1) && !isRolledOut(id, percent),
      ),
    );
    expect(comeBack).toEqual([]);
  });

  test.each([0, 1, 5, 10, 25, 50, 75, 99, 100])(
    'at %d are on the CDN as often as that says',
    (percent) => {
      const share = percent / 100;
      const moved = IDS.filter((id) => isRolledOut(id, percent)).length;
      // Five standard deviations: chance is outside of them once in two million times.
      const bound = 5 * Math.sqrt(COUNT * share * (1 - share));
      expect(Math.abs(moved - COUNT * share)).toBeLessThanOrEqual(bound);
    },
  );
});

test('ids that count up are spread as well', () => {
  const ids = Array.from(
    { length: COUNT },
    (_, n) => `01ARZ3NDEKTSV4RRFFQ69${String(n).padStart(5, '0')}`,
  );
  const count = ids.filter((id) => isRolledOut(id, 10)).length;
  expect(count).toBeGreaterThan(850);
  expect(count).toBeLessThan(1150);
});

// A release that decides otherwise sends items back.
test.each([
  ['01ARZ3NDEKTSV4RRFFQ69G5FAV', 69],
  ['01HF7YAT00AAAAAAAAAAAAAAAA', 63],
  ['01HF7YAT00AAAAAAAAAAAAAAAB', 19],
])('%s is on the CDN from %d on', (id, percent) => {
  expect(PERCENTS.findIndex((candidate) => isRolledOut(id, candidate))).toBe(percent);
});
