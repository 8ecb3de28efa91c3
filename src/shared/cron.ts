/** Lowest and highest value of each field: minute, hour, day of month, month, day of week. */
const FIELDS: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];

const PART = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/**
 * Whether a text is a cron expression of five numeric fields. The scheduler would take more (names,
 * seconds), but says so only once it has a database; a process has to know when it starts.
 */
export function isCronExpression(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return (
    fields.length === FIELDS.length &&
    FIELDS.every(([min, max], index) =>
      (fields[index] ?? '').split(',').every((part) => isPart(part, min, max)),
    )
  );
}

/** `*`, `5`, `1-5`, and any but a lone number with a step: `0-30/10`. */
function isPart(part: string, min: number, max: number): boolean {
  const match = PART.exec(part);
  if (!match) return false;
  const [, from, to, step] = match;
  if (step !== undefined && (Number(step) < 1 || (from !== undefined && to === undefined))) {
    return false;
  }
  const first = from === undefined ? min : Number(from);
  const last = to === undefined ? first : Number(to);
  return first >= min && last <= max && first <= last;
}
