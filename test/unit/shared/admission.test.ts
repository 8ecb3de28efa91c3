import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Admission, createAdmission, type Place } from '../../../src/shared/admission.ts';

const MAX_IN_FLIGHT = 2;
const MAX_WAITING = 1_000;
const BURST_MS = 500;
const STANDING_MS = 100;

let time: number;
/** What is to be called, and when. */
let timers: { at: number; call: () => void }[];
let admission: Admission;
/** Who was let in or refused, in order. */
let told: string[];
let places: Map<string, Place>;

beforeEach(() => {
  time = 1_000;
  timers = [];
  told = [];
  places = new Map();
  admission = createAdmission({
    maxInFlight: MAX_IN_FLIGHT,
    now: () => time,
    after: (ms, call) => void timers.push({ at: time + ms, call }),
  });
});

function enter(...names: string[]): void {
  for (const name of names) {
    const place = admission.place({
      admitted: () => void told.push(`${name} in`),
      refused: (reason) => void told.push(`${name} ${reason}`),
    });
    places.set(name, place);
    place.enter();
  }
}

function leave(...names: string[]): void {
  for (const name of names) places.get(name)?.leave();
}

/** What has been told since it was asked last. */
function news(): string[] {
  return told.splice(0);
}

function numbers(): [inFlight: number, waiting: number] {
  return [admission.inFlight(), admission.waiting()];
}

/** Time passes, with whatever is due in it. */
function pass(ms: number): void {
  const end = time + ms;
  for (;;) {
    const next = timers.sort((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at > end) break;
    timers.shift();
    time = next.at;
    next.call();
  }
  time = end;
}

describe('the door', () => {
  test('lets in so many, the others in their order as places come free', () => {
    enter('a', 'b', 'c', 'd');
    expect(news()).toEqual(['a in', 'b in']);
    expect(numbers()).toEqual([2, 2]);
    leave('b');
    expect(news()).toEqual(['c in']);
    leave('a', 'c');
    expect(news()).toEqual(['d in']);
    expect(numbers()).toEqual([1, 0]);
  });

  test('gives a place back once, however often its holder leaves', () => {
    enter('a', 'b', 'c', 'd');
    leave('a', 'a', 'a');
    expect(news()).toEqual(['a in', 'b in', 'c in']);
    expect(numbers()).toEqual([2, 1]);
  });

  test('forgets who leaves while waiting, once', () => {
    enter('a', 'b', 'c', 'd', 'e');
    leave('c', 'c', 'd');
    expect(numbers()).toEqual([2, 1]);
    leave('a');
    expect(news()).toEqual(['a in', 'b in', 'e in']);
    expect(numbers()).toEqual([2, 0]);
  });

  test('whoever comes while others are being let in does not get past them', () => {
    enter('a', 'b');
    const greedy = admission.place({
      // A place is free at this moment, and `d` is still in the queue.
      admitted: () => {
        leave('b');
        enter('e');
      },
      refused: () => {},
    });
    greedy.enter();
    enter('d');
    leave('a');
    expect(news()).toEqual(['a in', 'b in', 'd in']);
    greedy.leave();
    expect(news()).toEqual(['e in']);
  });

  test('lets in those who leave at once one after the other, not one within the other', () => {
    let depth = 0;
    let deepest = 0;
    enter('a', 'b');
    for (let count = 0; count < MAX_WAITING; count += 1) {
      const brief = admission.place({
        admitted: () => {
          depth += 1;
          deepest = Math.max(deepest, depth);
          brief.leave();
          depth -= 1;
        },
        refused: () => {},
      });
      brief.enter();
    }
    leave('a');
    expect(numbers()).toEqual([1, 0]);
    expect(deepest).toBe(1);
  });

  test('is bounded by number, whoever has left aside', () => {
    enter('a', 'b', ...Array.from({ length: MAX_WAITING }, (_, index) => `w${index}`), 'last');
    expect(news()).toEqual(['a in', 'b in', 'last queue_full']);
    leave('last', 'w7');
    expect(numbers()).toEqual([2, MAX_WAITING - 1]);
    enter('another', 'one more');
    expect(news()).toEqual(['one more queue_full']);
  });
});

describe('a queue', () => {
  test('after a burst may be waited in for long', () => {
    enter('a', 'b', 'c');
    pass(BURST_MS - 100);
    leave('a');
    expect(news()).toEqual(['a in', 'b in', 'c in']);
  });

  test('from which nobody leaves is dissolved, though nothing comes or goes', () => {
    enter('a', 'b', 'c');
    news();
    pass(BURST_MS + 100);
    expect(news()).toEqual(['c waited']);
    expect(numbers()).toEqual([2, 0]);
    expect(timers).toEqual([]);
    leave('c');
    expect(numbers()).toEqual([2, 0]);
  });

  test('that stands may be waited in shortly', () => {
    stand();
    enter('x');
    news();
    pass(STANDING_MS + 50);
    expect(news()).toContain('x waited');
  });

  test('that stands serves whoever has not waited for too long', () => {
    stand();
    news();
    time += STANDING_MS + 1;
    enter('x');
    leave('a');
    expect(news().slice(-2)).toEqual(['keep1 waited', 'x in']);
  });

  test('that has been empty is a burst again, though every place was taken all the time', () => {
    stand();
    pass(10 * BURST_MS);
    enter('q');
    news();
    pass(BURST_MS - 100);
    leave('b');
    expect(news()).toEqual(['q in']);
  });

  /** Both places taken, and never empty for longer than a burst lasts. */
  function stand(): void {
    enter('a', 'b', 'keep0');
    pass(BURST_MS - 60);
    enter('keep1');
    pass(70);
  }
});
