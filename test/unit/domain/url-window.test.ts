import { describe, expect, test } from '@jest/globals';
import { spread } from '../../../src/domain/spread.ts';
import { windowExpiry } from '../../../src/domain/url-window.ts';

const NAME = 'v1\ningest/01ARZ3NDEKTSV4RRFFQ69G5FAV';
const LIFE = { lifeSeconds: 600, windowSeconds: 300 };

describe('a window of 300 seconds for URLs of 600', () => {
  const offset = spread(NAME) % 300;

  test.each([
    ['begins', 3_000 + offset, 3_600 + offset],
    ['goes on', 3_001 + offset, 3_600 + offset],
    ['ends', 3_299 + offset, 3_600 + offset],
    ['is followed by the next', 3_300 + offset, 3_900 + offset],
    ['follows another', 2_999 + offset, 3_300 + offset],
    ['has one before the first of all', offset - 1, 300 + offset],
  ])('%s', (_what, now, expiry) => {
    expect(windowExpiry(NAME, now, LIFE)).toBe(expiry);
  });
});

// Processes of two releases have to agree.
test.each([
  [NAME, 1_771_755_142],
  ['t1\nthumbnails/01ARZ3NDEKTSV4RRFFQ69G5FAV.jpg', 1_771_755_094],
])('the windows of %j never change', (name, expiry) => {
  expect(windowExpiry(name, 1_771_754_700, LIFE)).toBe(expiry);
});

describe.each([
  [600, 300],
  [600, 1],
  [600, 599],
  [2, 1],
  [604_800, 86_400],
  [604_800, 604_799],
])('URLs of %d seconds, reused for %d', (lifeSeconds, windowSeconds) => {
  const window = { lifeSeconds, windowSeconds };
  const names = Array.from({ length: 20 }, (_, n) => `v${n}\ningest/${n}`);
  // Moments on all sides of the windows' ends, wherever those are.
  const moments = Array.from({ length: 200 }, (_, n) => 1_771_754_700 + n * 17 * windowSeconds + n);

  test('work for more than life - window, and for life at most', () => {
    const left = names.flatMap((name) =>
      moments.map((now) => windowExpiry(name, now, window) - now),
    );
    expect(Math.min(...left)).toBeGreaterThan(lifeSeconds - windowSeconds);
    expect(Math.max(...left)).toBeLessThanOrEqual(lifeSeconds);
  });

  test('stay the same until their window ends, then are the next', () => {
    for (const name of names) {
      const now = 1_771_754_700;
      const expiry = windowExpiry(name, now, window);
      const end = expiry - lifeSeconds + windowSeconds;
      expect(windowExpiry(name, end - 1, window)).toBe(expiry);
      expect(windowExpiry(name, end, window)).toBe(expiry + windowSeconds);
    }
  });
});

test('the pictures of one gallery do not all get new URLs at one moment', () => {
  const now = 1_771_754_700;
  // Uploaded one after another: the ids differ at their end alone.
  const names = Array.from(
    { length: 3_000 },
    (_, n) => `v\ningest/01HF7YAT00AAAAAAAAAA${n + 10_000}`,
  );
  const perSecond = new Map<number, number>();
  for (const name of names) {
    const expiry = windowExpiry(name, now, LIFE);
    perSecond.set(expiry, (perSecond.get(expiry) ?? 0) + 1);
  }
  // Ten a second if they were spread evenly.
  expect(perSecond.size).toBeGreaterThan(290);
  expect(Math.max(...perSecond.values())).toBeLessThan(30);
});
