import { DomainError } from './domain-error.ts';

/** How many ids one list may have. */
export const MAX_IDS = 50;

/** Throws DomainError("TOO_MANY_IDS") for more than 50 ids. */
export function assertNotTooManyIds(ids: readonly string[]): void {
  if (ids.length > MAX_IDS) {
    throw new DomainError('TOO_MANY_IDS', `at most ${MAX_IDS} ids are allowed`, 'ids');
  }
}
