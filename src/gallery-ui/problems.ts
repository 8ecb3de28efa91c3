/** What went wrong, told to people. Codes, statuses and names of the interface stay out of the words. */

export type ProblemKind =
  /** No answer: no network, or nobody there. Trying again may help at once. */
  | 'unreachable'
  /** The service is there but not well. Trying again later may help. */
  | 'unwell'
  /** The service has understood, and refused. Trying again does not help. */
  | 'refused';

export interface Problem {
  kind: ProblemKind;
}

const WORDS: Readonly<Record<ProblemKind, string>> = {
  unreachable: 'The service cannot be reached. Check your connection and try again.',
  unwell: 'The service has a problem just now. Try again in a moment.',
  refused: 'The service did not accept this.',
};

export function problemWords({ kind }: Problem): string {
  return WORDS[kind];
}

export const LOAD_REFUSED_WORDS = 'The pictures could not be found this way. Change the filters.';
export const NOT_READY_WORDS = 'This picture is not ready yet.';
export const GONE_WORDS = 'This picture is not there any more. Somebody may have deleted it.';
