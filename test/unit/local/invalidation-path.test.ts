import { describe, expect, test } from '@jest/globals';
import { parseInvalidationPath } from '../../../src/local/edge/invalidation-path.ts';

const plain = { path: '/ingest/A' };
const pinned = { path: '/ingest/A', versionId: 'v1' };
const other = { path: '/ingest/A', versionId: 'v10' };
const longer = { path: '/ingest/AB' };
const bust = { path: '/uploads/wishlist/a b.png', v: '2' };
const ALL = { plain, pinned, other, longer, bust };

function matched(path: string): string[] {
  const parsed = parseInvalidationPath(path);
  return Object.entries(ALL).flatMap(([name, id]) => (parsed?.matches(id) ? [name] : []));
}

describe('an invalidation path', () => {
  test.each([
    ['/ingest/A', ['plain']],
    ['/ingest/A?versionId=v1', ['pinned']],
    ['/ingest/A?versionId=v1&v=1', []],
    ['/ingest/A*', ['plain', 'pinned', 'other', 'longer']],
    ['/ingest/A?*', ['pinned', 'other']],
    ['/ingest/A?versionId=v1*', ['pinned', 'other']],
    ['/ingest/a', []],
    ['/uploads/wishlist/a%20b.png?v=2', ['bust']],
    ['/uploads/wishlist/a%20b.png', []],
    ['/*', ['plain', 'pinned', 'other', 'longer', 'bust']],
    ['/nothing', []],
  ])('%s means %j', (path, names) => {
    expect(matched(path)).toEqual(names);
  });

  test.each([
    ['nothing', ''],
    ['no slash', 'ingest/A'],
    ['a wildcard within', '/ingest/*/A'],
    ['two wildcards', '/ingest/**'],
    ['a space', '/ingest/a b'],
    ['no ASCII', '/ingest/ä'],
    ['broken percent-encoding', '/ingest/%zz'],
    ['a host', 'https://cdn.example.com/ingest/A'],
    ['more than 4,000 characters', `/${'a'.repeat(4000)}`],
  ])('%s is none', (_what, path) => {
    expect(parseInvalidationPath(path)).toBeUndefined();
  });
});
