import { expect, test } from '@jest/globals';
import { deliveryAfter, toHttpError } from '../../../src/app/errors.ts';
import { DomainError, type DomainErrorCode } from '../../../src/domain/domain-error.ts';
import { HttpError } from '../../../src/shared/http.ts';

test.each<[DomainErrorCode, number, 'retry' | 'dead-letter']>([
  ['UNSUPPORTED_CONTENT_TYPE', 400, 'retry'],
  ['INVALID_FILE_NAME', 400, 'retry'],
  ['INVALID_CONTENT_LENGTH', 400, 'retry'],
  ['INVALID_REQUEST', 400, 'retry'],
  ['EMPTY_ID_LIST', 400, 'retry'],
  ['TOO_MANY_IDS', 400, 'retry'],
  ['INVALID_PAGE_ARGUMENTS', 400, 'retry'],
  ['INVALID_CURSOR', 400, 'retry'],
  ['INVALID_FILTER', 400, 'retry'],
  ['IMAGE_NOT_FOUND', 404, 'retry'],
  ['IMAGE_NOT_AVAILABLE', 404, 'retry'],
  ['IMAGE_FAILED', 404, 'retry'],
  ['UNKNOWN_RECORD', 404, 'retry'],
  ['FORBIDDEN', 403, 'retry'],
  ['INVALID_AUDIT', 400, 'retry'],
  ['AUDIT_JOB_ACTIVE', 409, 'retry'],
  ['AUDIT_NOT_PREPARED', 409, 'retry'],
  ['AUDIT_JOB_NOT_FOUND', 404, 'retry'],
  ['AUDIT_JOB_ENDED', 409, 'retry'],
  ['MALFORMED_EVENT', 400, 'dead-letter'],
])('%s is %i over HTTP, and %s over a queue', (code, status, delivery) => {
  const error = new DomainError(code, 'in words');
  expect(toHttpError(error)).toMatchObject({ status, code, message: 'in words' });
  expect(deliveryAfter(error)).toBe(delivery);
});

test('an error of HTTP is what it is', () => {
  const error = new HttpError(418, 'TEAPOT', 'short and stout');
  expect(toHttpError(error)).toBe(error);
});

test.each([
  ['a plain error', new Error('SELECT * FROM secrets')],
  ['one with a status', Object.assign(new Error('secret'), { status: 404 })],
  ['one that blames us', Object.assign(new Error('secret'), { status: 400, expose: false })],
  ['one of a library', Object.assign(new Error('secret'), { type: 'entity.verify.failed' })],
  ['text', 'secret'],
  ['nothing', undefined],
])('%s is a fault that tells nothing, and is tried again', (_what, fault) => {
  expect(toHttpError(fault)).toMatchObject({
    status: 500,
    code: 'INTERNAL_ERROR',
    message: 'internal error',
  });
  expect(deliveryAfter(fault)).toBe('retry');
});
