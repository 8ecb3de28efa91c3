import { expect, test } from '@jest/globals';

test('runs', () => {
  expect(process.version).toMatch(/^v24/);
});
