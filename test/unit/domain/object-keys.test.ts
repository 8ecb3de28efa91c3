import { describe, expect, test } from '@jest/globals';
import { type ImageId, isImageId } from '../../../src/domain/image-id.ts';
import { imageIdOfKey, ingestKey } from '../../../src/domain/object-keys.ts';
import { newImageId } from '../../../src/shared/image-ids.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId;

describe('an image id', () => {
  test.each([ID, '00000000000000000000000000', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ', newImageId()])(
    '%s is one',
    (text) => {
      expect(isImageId(text)).toBe(true);
    },
  );

  test.each([
    ['overflows 128 bits', '80000000000000000000000000'],
    ['is lower-case', ID.toLowerCase()],
    ['is short', ID.slice(1)],
    ['is long', `${ID}0`],
    ['has an I', `${ID.slice(0, 25)}I`],
    ['has an L', `${ID.slice(0, 25)}L`],
    ['has an O', `${ID.slice(0, 25)}O`],
    ['has a U', `${ID.slice(0, 25)}U`],
    ['ends its line', `${ID}\n`],
    ['has a line before it', `x\n${ID}`],
    ['is empty', ''],
  ])('what %s is none', (_what, text) => {
    expect(isImageId(text)).toBe(false);
  });

  test('is new every time, and sorts by time', () => {
    const ids = Array.from({ length: 1000 }, newImageId);
    expect(new Set(ids).size).toBe(1000);
    expect(newImageId().slice(0, 10) >= (ids[0] ?? '').slice(0, 10)).toBe(true);
  });
});

describe('an object key', () => {
  test('is made of the id alone, and leads back to it', () => {
    expect(ingestKey(ID)).toBe(`ingest/${ID}`);
    expect(imageIdOfKey(ingestKey(ID))).toBe(ID);
  });

  test('of an earlier version still leads to its image', () => {
    expect(imageIdOfKey(`uploads/${ID}`)).toBe(ID);
  });

  test.each([
    ID,
    `/ingest/${ID}`,
    `ingest//${ID}`,
    `ingest/${ID}/`,
    `ingest/${ID}.png`,
    `ingest/${ID}\n`,
    `Ingest/${ID}`,
    `ingest/${ID.toLowerCase()}`,
    `ingest/8${ID.slice(1)}`,
    `other/ingest/${ID}`,
    `thumbnails/${ID}.jpg`,
    `uploads/wishlist/${ID}`,
    'ingest/',
    '',
  ])('%j is none of ours', (key) => {
    expect(imageIdOfKey(key)).toBeNull();
  });
});
