import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectHeaders } from './cache.ts';

/** Which part of an object a request is to be answered with; offsets are inclusive. */
export type Part =
  | { status: 200 | 206; first: number; last: number }
  | { status: 304 }
  | { status: 416 };

function withoutWeakness(etag: string): string {
  return etag.trim().replace(/^W\//, '');
}

/** RFC 9110, 13.1.2 and 13.1.3: If-None-Match decides alone where it is sent. */
function isUnchanged(request: IncomingHttpHeaders, object: ObjectHeaders): boolean {
  const { etag, 'last-modified': lastModified } = object;
  const noneMatch = request['if-none-match'];
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === '*') return true;
    if (etag === undefined) return false;
    return noneMatch.split(',').some((known) => withoutWeakness(known) === withoutWeakness(etag));
  }
  const since = request['if-modified-since'];
  if (since === undefined || lastModified === undefined) return false;
  return Date.parse(lastModified) <= Date.parse(since);
}

/** RFC 9110, 13.1.5: a range of another version of the object must not be glued to this one. */
function rangeStillApplies(request: IncomingHttpHeaders, object: ObjectHeaders): boolean {
  const condition = request['if-range'];
  if (typeof condition !== 'string') return true;
  return (
    condition === object['last-modified'] || (condition === object.etag && !/^W\//.test(condition))
  );
}

/**
 * Decides by the request's conditions and range (RFC 9110, 13 and 14). One range is honoured;
 * several at once, other units and nonsense are ignored, as the RFC allows, and get the whole.
 *
 * @param length of the whole object, in bytes
 */
export function choosePart(
  request: IncomingHttpHeaders,
  object: ObjectHeaders,
  length: number,
): Part {
  if (isUnchanged(request, object)) return { status: 304 };
  const whole = { status: 200, first: 0, last: length - 1 } as const;
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.range?.replaceAll(' ', '') ?? '');
  if (!range || !rangeStillApplies(request, object)) return whole;
  const [, from = '', to = ''] = range;
  if (from === '' && to === '') return whole;
  if (from === '') {
    const suffix = Math.min(Number(to), length);
    return suffix === 0
      ? { status: 416 }
      : { status: 206, first: length - suffix, last: length - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return whole;
  if (first >= length) return { status: 416 };
  return { status: 206, first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}
