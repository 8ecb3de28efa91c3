import type { Cursors } from './cursors.ts';
import { DomainError } from './domain-error.ts';

/** As a connection of the Relay Cursor Connections Specification takes them; null is not given. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** Which part of a list is wanted, by ids, both ends excluded. */
export interface PageRange<Id extends string> {
  after: Id | null;
  before: Id | null;
  limit: number;
  /** Of what is in the range the first ones, or the last ones. */
  take: 'first' | 'last';
}

export interface PageRules<Id extends string> {
  /** With neither `first` nor `last`. */
  standard: number;
  max: number;
  cursors: Cursors<Id>;
}

/** Throws DomainError("INVALID_PAGE_ARGUMENTS", "INVALID_CURSOR") naming the argument. */
export function parsePageArguments<Id extends string>(
  { first, after, last, before }: PageArguments,
  { standard, max, cursors }: PageRules<Id>,
): PageRange<Id> {
  if (isGiven(first) && isGiven(last)) {
    throw invalid('first and last cannot be given together', 'last');
  }
  return {
    ...(isGiven(last)
      ? { take: 'last', limit: checkSize(last, 'last', max) }
      : { take: 'first', limit: checkSize(first ?? standard, 'first', max) }),
    after: idAt(after, 'after', cursors),
    before: idAt(before, 'before', cursors),
  };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function checkSize(size: number, field: string, max: number): number {
  if (Number.isInteger(size) && size >= 1 && size <= max) return size;
  throw invalid(`${field} must be a whole number from 1 to ${max}`, field);
}

function idAt<Id extends string>(
  cursor: string | null | undefined,
  field: string,
  cursors: Cursors<Id>,
): Id | null {
  if (!isGiven(cursor)) return null;
  const id = cursors.decode(cursor);
  if (id !== null) return id;
  const message = `${field} must be a cursor as it came with an edge or as start or end of a page`;
  throw new DomainError('INVALID_CURSOR', message, field);
}

function invalid(message: string, field: string): DomainError {
  return new DomainError('INVALID_PAGE_ARGUMENTS', message, field);
}

/** What the specification calls `pageInfo`. What costs a query to know is a function. */
export interface PageEnds {
  hasNextPage: boolean | (() => Promise<boolean>);
  hasPreviousPage: boolean | (() => Promise<boolean>);
  startCursor: string | null;
  endCursor: string | null;
}

export interface Edge<Node> {
  node: Node;
  cursor: string;
}
