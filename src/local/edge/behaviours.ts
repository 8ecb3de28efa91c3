import { wildcard } from './wildcard.ts';

/** Who may read what lies under a path: holders of a signed URL, or everyone. */
export type Access = 'signed' | 'public';

export interface Behaviour {
  pathPattern: string;
  access: Access;
}

/** The distribution's cache behaviours. There is no default behaviour: the rest is refused. */
export const behaviours: readonly Behaviour[] = [
  { pathPattern: '/ingest/*', access: 'signed' },
  { pathPattern: '/thumbnails/*', access: 'signed' },
  { pathPattern: '/uploads/wishlist/*', access: 'public' },
];

const matchers = behaviours.map((behaviour) => ({
  behaviour,
  matches: wildcard(behaviour.pathPattern),
}));

/**
 * The behaviour of a *decoded* path. Decoded, because that is the key fetched from S3: matched as
 * received, `/uploads/wishlist/..%2F` or `/%69ngest/` could be judged by one name and read by another.
 */
export function behaviourFor(path: string): Behaviour | undefined {
  return matchers.find(({ matches }) => matches(path))?.behaviour;
}
