import { notImplemented, S3Error } from './errors.ts';
import type { Headers } from './headers.ts';
import type { ObjectVersion, StoredObject } from './object-version.ts';

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { details: { Condition: condition } });
}

/** Does an `If-Match`-like list name this ETag? Quotes may be missing, as S3 allows. */
function namesEtag(list: string, etag: string): boolean {
  return list.split(',').some((part) => {
    const candidate = part
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return candidate === '*' || candidate === etag;
  });
}

/** HTTP dates have whole seconds. Undefined for what is no date: it is then ignored. */
function secondsOf(value: string | undefined): number | undefined {
  const time = Date.parse(value ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

interface Outcome {
  /** `If-None-Match` or `If-Modified-Since`: the caller has it already. */
  readonly unchanged: string | undefined;
}

function evaluate(headers: Headers, object: StoredObject, prefix = ''): Outcome {
  const get = (name: string): string | undefined => headers.get(`${prefix}${name}`);
  const modified = Math.floor(object.lastModified / 1000);

  // RFC 9110, section 13.2.2: an ETag condition makes the date condition beside it void.
  const ifMatch = get('if-match');
  const unmodifiedSince = secondsOf(get('if-unmodified-since'));
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, object.etag)) throw failed(`${prefix}If-Match`);
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw failed(`${prefix}If-Unmodified-Since`);
  }

  const ifNoneMatch = get('if-none-match');
  const modifiedSince = secondsOf(get('if-modified-since'));
  if (ifNoneMatch !== undefined) {
    return { unchanged: namesEtag(ifNoneMatch, object.etag) ? 'If-None-Match' : undefined };
  }
  const unchanged = modifiedSince !== undefined && modified <= modifiedSince;
  return { unchanged: unchanged ? 'If-Modified-Since' : undefined };
}

/**
 * Conditions of GET and HEAD.
 * @returns whether to answer 304
 * @throws S3Error `PreconditionFailed`
 */
export function isUnchanged(headers: Headers, object: StoredObject): boolean {
  return evaluate(headers, object).unchanged !== undefined;
}

/** Conditions on a copy's source; there is no 304 here. @throws S3Error `PreconditionFailed` */
export function assertCopySource(headers: Headers, object: StoredObject): void {
  const prefix = 'x-amz-copy-source-';
  const { unchanged } = evaluate(headers, object, prefix);
  if (unchanged !== undefined) throw failed(`${prefix}${unchanged}`);
}

/**
 * Conditions of PUT and copy on what is there now (AWS docs, "How to prevent object overwrites
 * with conditional writes").
 * @throws S3Error `PreconditionFailed`, `NoSuchKey`, `NotImplemented`
 */
export function assertWritable(
  headers: Headers,
  key: string,
  current: ObjectVersion | undefined,
): void {
  const object = current?.kind === 'object' ? current : undefined;
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw notImplemented('If-None-Match with an ETag on a write');
    if (object !== undefined) throw failed('If-None-Match');
  }
  assertMatches(headers.get('if-match'), key, object);
}

/** `If-Match` of PUT and DELETE. @throws S3Error `PreconditionFailed`, `NoSuchKey` */
export function assertMatches(
  ifMatch: string | undefined,
  key: string,
  current: ObjectVersion | undefined,
): void {
  if (ifMatch === undefined) return;
  if (current?.kind !== 'object') throw new S3Error('NoSuchKey', { details: { Key: key } });
  if (!namesEtag(ifMatch, current.etag)) throw failed('If-Match');
}

/** May `Range` be honoured? `If-Range` names the ETag or date that the caller's first part had. */
export function ifRangeHolds(headers: Headers, object: StoredObject): boolean {
  const ifRange = headers.get('if-range');
  if (ifRange === undefined) return true;
  const seconds = ifRange.includes('"') ? undefined : secondsOf(ifRange);
  if (seconds !== undefined) return seconds === Math.floor(object.lastModified / 1000);
  return namesEtag(ifRange, object.etag);
}
