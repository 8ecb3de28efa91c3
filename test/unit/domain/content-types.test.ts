import { expect, test } from '@jest/globals';
import { CONTENT_TYPES, isContentType } from '../../../src/domain/content-types.ts';

test('exactly the five documented types', () => {
  expect(CONTENT_TYPES).toEqual([
    'image/jpeg',
    'image/png',
    'image/webp',
    'image/avif',
    'image/gif',
  ]);
});

test.each(CONTENT_TYPES)('%s is taken', (type) => {
  expect(isContentType(type)).toBe(true);
});

test.each([
  '',
  'image/*',
  '*/*',
  'image',
  'image/',
  'image/jpg',
  'image/JPEG',
  'Image/png',
  ' image/png',
  'image/png ',
  'image/png\n',
  'image/png;q=1',
  'image/png; charset=utf-8',
  'image/png,image/gif',
  'image/svg+xml',
  'image/heic',
  'toString',
  '0',
])('%j is not', (type) => {
  expect(isContentType(type)).toBe(false);
});
