/** Something that knows more than a failed expectation does: a process and what it has said. */
interface Witness {
  name: string;
  said: () => string | Promise<string>;
}

declare global {
  /** Of this test file; environment.ts asks them when a test or a hook fails. */
  var witnesses: Witness[] | undefined;
}

/**
 * When a test or hook fails, the end of what `said` returns is printed: on a CI machine there is
 * nothing else to look at. Said within a test, or a hook before it, it goes for that test only.
 */
export function tellOnFailure(name: string, said: Witness['said']): void {
  globalThis.witnesses ??= [];
  globalThis.witnesses.push({ name, said });
}
