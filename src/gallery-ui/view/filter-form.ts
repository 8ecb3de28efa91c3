import type { Filter, GalleryQuery, ImageStatus } from '../model.ts';

/** What stands in the fields above the grid; an empty text is a field that is not set. */
export interface FilterForm {
  readonly status: '' | ImageStatus;
  readonly contentType: string;
  /** A day of the visitor's calendar, for example 2026-02-22; that day is included. */
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly order: GalleryQuery['order'];
}

export const EMPTY_FORM: FilterForm = {
  status: '',
  contentType: '',
  from: '',
  to: '',
  name: '',
  order: 'NEWEST',
};

export const STATUSES: readonly ImageStatus[] = ['READY', 'PENDING', 'FAILED'];

export const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
] as const;

/** The longest part of a file name that the service searches for, in characters. */
export const NAME_LIMIT = 255;

/** Reads the form from the page's query string; what it does not know it leaves out. */
export function formFromSearch(search: string): FilterForm {
  const params = new URLSearchParams(search);
  const read = (name: string) => params.get(name) ?? '';
  return {
    status: STATUSES.find((status) => status.toLowerCase() === read('status')) ?? '',
    contentType: CONTENT_TYPES.find((type) => type === `image/${read('type')}`) ?? '',
    from: midnight(read('from')) ? read('from') : '',
    to: midnight(read('to')) ? read('to') : '',
    name: read('name').slice(0, NAME_LIMIT),
    order: read('order') === 'oldest' ? 'OLDEST' : 'NEWEST',
  };
}

/** The query string for the address bar, with its `?`; empty for the empty form. */
export function searchFromForm(form: FilterForm): string {
  const params = new URLSearchParams();
  const write = (name: string, value: string) => {
    if (value !== '') {
      params.set(name, value);
    }
  };
  write('status', form.status.toLowerCase());
  write('type', form.contentType.replace('image/', ''));
  write('from', form.from);
  write('to', form.to);
  write('name', form.name.trim());
  write('order', form.order === 'OLDEST' ? 'oldest' : '');
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** What to ask the service for. */
export function queryFromForm(form: FilterForm): GalleryQuery {
  const filter: Filter = {};
  if (form.status !== '') {
    filter.status = form.status;
  }
  if (form.contentType !== '') {
    filter.contentType = form.contentType;
  }
  const from = midnight(form.from);
  if (from) {
    // The service takes what was created after this moment, not at it.
    filter.createdAfter = new Date(from.getTime() - 1).toISOString();
  }
  const to = midnight(form.to);
  if (to) {
    // The next midnight, not 24 hours on: a day of summer time has 23 or 25.
    to.setDate(to.getDate() + 1);
    filter.createdBefore = to.toISOString();
  }
  if (form.name.trim() !== '') {
    filter.fileNameContains = form.name.trim();
  }
  return { filter, order: form.order };
}

/** How many fields narrow the gallery down; the order does not. */
export function countFilters(form: FilterForm): number {
  return Object.keys(queryFromForm(form).filter).length;
}

/** The start of a day where the visitor is. Years that are only half typed, such as 0002, are none. */
function midnight(day: string): Date | null {
  if (!/^(19[7-9]|2\d\d)\d-\d\d-\d\d$/.test(day)) {
    return null;
  }
  const date = new Date(`${day}T00:00:00`);
  const isThatDay = date.getDate() === Number(day.slice(8));
  return isThatDay ? date : null;
}
