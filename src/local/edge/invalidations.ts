import { randomBytes } from 'node:crypto';
import { ControlError } from './control-errors.ts';
import { type InvalidationPath, parseInvalidationPath } from './invalidation-path.ts';

export interface InvalidationBatch {
  paths: readonly string[];
  /** Chosen by the caller; names the batch, so that one that comes again is known. */
  callerReference: string;
}

export interface Invalidation extends InvalidationBatch {
  id: string;
  createdAt: Date;
}

export interface Invalidations {
  /** @throws ControlError when CloudFront would refuse the batch; nothing is dropped then */
  create(batch: InvalidationBatch): Invalidation;
}

/** AWS "Concurrent invalidation request maximum"; here a batch is done before the next one comes. */
const MAX_PATHS = 3000;
const MAX_WILDCARDS = 15;
/** The cache is in memory, and so is this. */
const MAX_REMEMBERED = 10_000;

/** Invalidations of one distribution, each done at once. */
export function createInvalidations(
  invalidate: (path: InvalidationPath) => void,
  now: () => number,
): Invalidations {
  const byReference = new Map<string, Invalidation>();

  return {
    create({ paths, callerReference }) {
      if (paths.length === 0 || callerReference === '') {
        throw new ControlError('InvalidArgument', 'Your request contains no path or reference.');
      }
      const known = byReference.get(callerReference);
      if (known) {
        if (sameText(known.paths, paths)) return known;
        throw new ControlError(
          'InvalidationBatchAlreadyExists',
          'Your request contains a caller reference that was used for other paths.',
        );
      }
      const parsed = paths.map(parse);
      if (parsed.length > MAX_PATHS) {
        throw new ControlError('BatchTooLarge', `At most ${MAX_PATHS} paths are allowed.`);
      }
      if (parsed.filter(({ isWildcard }) => isWildcard).length > MAX_WILDCARDS) {
        throw new ControlError(
          'TooManyInvalidationsInProgress',
          'Processing your request will cause you to exceed the maximum number of in-progress wildcard invalidations.',
        );
      }
      for (const path of parsed) invalidate(path);
      const id = `I${randomBytes(10).toString('hex').toUpperCase().slice(0, 13)}`;
      const invalidation = { id, createdAt: new Date(now()), paths, callerReference };
      const [oldest] = byReference.keys();
      if (byReference.size >= MAX_REMEMBERED && oldest !== undefined) byReference.delete(oldest);
      byReference.set(callerReference, invalidation);
      return invalidation;
    },
  };
}

function parse(text: string): InvalidationPath {
  const path = parseInvalidationPath(text);
  if (path) return path;
  throw new ControlError('InvalidArgument', 'Your request contains one or more invalid paths.');
}

function sameText(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());
}
