const COUNT = new Intl.NumberFormat('en');
const SIZE = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** For example `1,234 pictures`. */
export function countOf(count: number, noun: string): string {
  return `${COUNT.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A size in bytes as people say it, for example `2.35 MB` (a million bytes). */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) {
    return countOf(bytes, 'byte');
  }
  // By the rounded figure, so that 999,999 bytes are 1 MB and not 1,000 kB.
  const rounded = Number(bytes.toPrecision(3));
  const power = Math.min(UNITS.length, Math.floor(Math.log10(rounded) / 3));
  return `${SIZE.format(bytes / 1_000 ** power)} ${UNITS[power - 1]}`;
}

/** A moment in the visitor's own time, for example `22 Feb 2026, 10:05`. */
export function momentInWords(rfc3339: string): string {
  return MOMENT.format(new Date(rfc3339));
}

/** What a call takes: a link of ten minutes is one of ten when it arrives. */
const ON_ITS_WAY_MS = 5_000;

/**
 * How long a link is good for, rounded down: nobody should count on more.
 *
 * @param milliseconds from now until it ends
 */
export function lifetimeInWords(milliseconds: number, now: number): string {
  const minutes = Math.floor((milliseconds + ON_ITS_WAY_MS) / 60_000);
  if (minutes < 1) {
    return 'for less than a minute';
  }
  return `for ${countOf(minutes, 'minute')}, until ${TIME.format(now + milliseconds)}`;
}

/** Whole percent, and 100 only when all is there. */
export function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.floor((part / whole) * 100)) : 0;
}
