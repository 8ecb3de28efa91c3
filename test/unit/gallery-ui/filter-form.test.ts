import { expect, test } from '@jest/globals';
import {
  countFilters,
  EMPTY_FORM,
  type FilterForm,
  formFromSearch,
  queryFromForm,
  searchFromForm,
} from '../../../src/gallery-ui/view/filter-form.ts';

const FULL: FilterForm = {
  status: 'FAILED',
  contentType: 'image/webp',
  from: '2026-02-01',
  to: '2026-02-28',
  name: 'harbour & sea=50%',
  order: 'OLDEST',
};

test('the empty form leaves the address as it is', () => {
  expect(searchFromForm(EMPTY_FORM)).toBe('');
  expect(formFromSearch('')).toEqual(EMPTY_FORM);
  expect(queryFromForm(EMPTY_FORM)).toEqual({ filter: {}, order: 'NEWEST' });
});

test('a form comes back from the address as it was', () => {
  expect(formFromSearch(searchFromForm(FULL))).toEqual(FULL);
});

test('the address is for people', () => {
  expect(searchFromForm({ ...FULL, name: 'sea' })).toBe(
    '?status=failed&type=webp&from=2026-02-01&to=2026-02-28&name=sea&order=oldest',
  );
});

test.each([
  '?status=deleted',
  '?status=READY',
  '?type=svg%2Bxml',
  '?type=image/png',
  '?order=size',
  '?from=yesterday',
  '?from=2026-02-30',
  '?to=2026-13-01',
  '?to=12026-01-01',
  '?other=1',
])('%s says nothing', (search) => {
  expect(formFromSearch(search)).toEqual(EMPTY_FORM);
});

test('a name longer than the service searches for is cut', () => {
  expect(formFromSearch(`?name=${'a'.repeat(300)}`).name).toHaveLength(255);
});

test('the days at both ends are included, from midnight to midnight where the visitor is', () => {
  const { filter } = queryFromForm({ ...EMPTY_FORM, from: '2026-02-22', to: '2026-02-22' });
  const isIn = (moment: Date) =>
    moment > new Date(filter.createdAfter ?? '') && moment < new Date(filter.createdBefore ?? '');
  expect(isIn(new Date(2026, 1, 21, 23, 59, 59, 999))).toBe(false);
  expect(isIn(new Date(2026, 1, 22, 0, 0, 0, 0))).toBe(true);
  expect(isIn(new Date(2026, 1, 22, 23, 59, 59, 999))).toBe(true);
  expect(isIn(new Date(2026, 1, 23, 0, 0, 0, 0))).toBe(false);
});

test('the last day of a year ends with the year', () => {
  const { filter } = queryFromForm({ ...EMPTY_FORM, to: '2999-12-31' });
  expect(filter.createdBefore).toBe(new Date(3000, 0, 1).toISOString());
});

test('a year that is half typed is no filter', () => {
  const form = { ...EMPTY_FORM, from: '0002-01-01', to: '0202-01-01' };
  expect(queryFromForm(form).filter).toEqual({});
});

test('blanks around a name do not count', () => {
  expect(queryFromForm({ ...EMPTY_FORM, name: '  sea ' }).filter).toEqual({
    fileNameContains: 'sea',
  });
  expect(queryFromForm({ ...EMPTY_FORM, name: '   ' }).filter).toEqual({});
});

test('the order is no filter', () => {
  expect(countFilters(FULL)).toBe(5);
  expect(countFilters({ ...EMPTY_FORM, order: 'OLDEST' })).toBe(0);
});
