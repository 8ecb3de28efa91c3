import { spread } from './spread.ts';

/** Whole seconds; the window is shorter than the life. */
export interface UrlWindow {
  /** How long a URL works from the beginning of its window on. */
  lifeSeconds: number;
  /** For how long the same URL is handed out. */
  windowSeconds: number;
}

/**
 * When the URL that is handed out now stops working, in seconds since 1970. It is the same for a whole
 * window, and follows from the name and the time alone, so that processes agree on it without a word.
 * What is handed out works for longer than life - window, and never longer than life.
 *
 * Each name has windows of its own: if all began at one moment, all pictures would be fetched anew,
 * and all URLs signed anew, at that moment.
 *
 * @param name of what the URL leads to, its version included
 */
export function windowExpiry(
  name: string,
  nowSeconds: number,
  { lifeSeconds, windowSeconds }: UrlWindow,
): number {
  const offset = spread(name) % windowSeconds;
  // Twice, so that it is not negative before the first window of all.
  const sinceBegin = (((nowSeconds - offset) % windowSeconds) + windowSeconds) % windowSeconds;
  return nowSeconds - sinceBegin + lifeSeconds;
}
