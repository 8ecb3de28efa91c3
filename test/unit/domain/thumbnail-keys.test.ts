import { expect, test } from '@jest/globals';
import {
  isPngThumbnail,
  isThumbnail,
  jpegKeyOf,
  thumbnailKey,
} from '../../../src/domain/thumbnail-keys.ts';

test.each([
  ['dir/name.png', 'dir/thumb_name.jpg'],
  ['name.png', 'thumb_name.jpg'],
  ['name', 'thumb_name.jpg'],
  ['dir/name.JPEG', 'dir/thumb_name.jpg'],
  ['dir/name.tar.gz', 'dir/thumb_name.tar.jpg'],
  ['v1.2/name', 'v1.2/thumb_name.jpg'],
  ['thumb_dir/name.png', 'thumb_dir/thumb_name.jpg'],
  ['dir/.png', 'dir/thumb_.png.jpg'],
  ['dir/name.', 'dir/thumb_name.jpg'],
  ['/dir//name.png', '/dir//thumb_name.jpg'],
  ['жук/имя.png', 'жук/thumb_имя.jpg'],
])('the thumbnail of %j is %j', (key, thumbnail) => {
  expect(thumbnailKey(key)).toBe(thumbnail);
  expect(isThumbnail(thumbnail)).toBe(true);
  expect(isThumbnail(key)).toBe(false);
});

test.each([
  ['thumb_a.png', 'thumb_a.jpg'],
  ['dir/thumb_a.png', 'dir/thumb_a.jpg'],
  ['dir/thumb_.png', 'dir/thumb_.jpg'],
  ['dir/thumb_a.jpg.png', 'dir/thumb_a.jpg.jpg'],
  ['thumb_d/thumb_thumb_a.png', 'thumb_d/thumb_thumb_a.jpg'],
  ['thumb_ü ñ\u{1f41e}.png', 'thumb_ü ñ\u{1f41e}.jpg'],
])('%j is a thumbnail that may belong at %j', (key, jpeg) => {
  expect(isPngThumbnail(key)).toBe(true);
  expect(jpegKeyOf(key)).toBe(jpeg);
});

test.each([
  'a.png',
  'thumb_dir/a.png',
  'thumb_dir.png/a',
  'thumb_a.png/',
  'thumb_a.PNG',
  'Thumb_a.png',
  'thumba.png',
  'athumb_a.png',
  'thumb_a.jpg',
  'thumb_a.png.bak',
  'thumb_png',
])('%j is none', (key) => {
  expect(isPngThumbnail(key)).toBe(false);
});
