import { describe, expect, jest, test } from '@jest/globals';
import { createLogger, redactSignatures } from '../../../src/shared/logger.ts';
import { captureLog } from '../../support/log.ts';

describe('redactSignatures', () => {
  test.each([
    ['/a?Signature=abc~_-', '/a?Signature=[redacted]'],
    ['/a?x=1&Signature=abc&y=2', '/a?x=1&Signature=[redacted]&y=2'],
    ['/a?Policy=abc&Key-Pair-Id=K1', '/a?Policy=[redacted]&Key-Pair-Id=[redacted]'],
    ['/a?X-Amz-Signature=abc', '/a?X-Amz-Signature=[redacted]'],
    ['/a?X-Amz-Credential=AKID%2F1&X-Amz-Date=1', '/a?X-Amz-Credential=[redacted]&X-Amz-Date=1'],
    ['/a?X-Amz-Security-Token=abc', '/a?X-Amz-Security-Token=[redacted]'],
    ['/a?token=abc&access_token=def', '/a?token=[redacted]&access_token=[redacted]'],
    ['/a?SIGNATURE=abc', '/a?SIGNATURE=[redacted]'],
    ['/a?Signature=abc#top', '/a?Signature=[redacted]#top'],
    ['"https://b/c?Signature=abc" failed', '"https://b/c?Signature=[redacted]" failed'],
    ['/a?Signature=1 and /b?Signature=2', '/a?Signature=[redacted] and /b?Signature=[redacted]'],
    ['/a?Signature=', '/a?Signature=[redacted]'],
  ])('%s', (text, redacted) => {
    expect(redactSignatures(text)).toBe(redacted);
  });

  test.each([
    '/api/health/liveness',
    '/a?versionId=v1&Expires=1700000000',
    '/a?nosignature=abc',
    'Signature=abc outside a URL',
    '',
  ])('%j has nothing to hide', (text) => {
    expect(redactSignatures(text)).toBe(text);
  });
});

describe('an error in the log', () => {
  function logged(err: unknown): Record<string, unknown> {
    const { logger, lines } = captureLog();
    logger.error({ err }, 'failed');
    return lines[0]?.err as Record<string, unknown>;
  }

  test('comes with type, message, stack, code and cause', () => {
    const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    const err = logged(new TypeError('no luck', { cause }));
    expect(err).toEqual({
      type: 'TypeError',
      message: 'no luck',
      stack: expect.stringContaining('logger.test.ts'),
      cause: {
        type: 'Error',
        message: 'connection refused',
        stack: expect.any(String),
        code: 'ECONNREFUSED',
      },
    });
  });

  test('hides what makes a URL a credential, in message, stack and cause', () => {
    const url = 'postgresql://media:hunter2@db.internal:5432/media';
    const signed = 'https://s3/x?X-Amz-Signature=hunter2&X-Amz-Credential=hunter2';
    const err = logged(new Error(`cannot reach ${url}`, { cause: new Error(`PUT ${signed}`) }));
    expect(JSON.stringify(err)).not.toContain('hunter2');
    expect(err.message).toBe('cannot reach postgresql://[redacted]@db.internal:5432/media');
  });

  test('has none of the other properties that an error may carry', () => {
    const err = logged(Object.assign(new Error('x'), { config: { secret: 'hunter2' } }));
    expect(Object.keys(err)).toEqual(['type', 'message', 'stack']);
  });
});

test('a line has the time in UTC, to the millisecond', () => {
  const { logger, lines } = captureLog();
  const times = [1_771_754_700_999, 1_771_754_701_000, 1_771_754_701_007, 1_771_754_700_999, 12];
  const now = jest.spyOn(Date, 'now');
  try {
    for (const time of times) {
      now.mockReturnValue(time);
      logger.info('tick');
    }
  } finally {
    now.mockRestore();
  }
  expect(lines.map(({ time }) => time)).toEqual(times.map((time) => new Date(time).toISOString()));
});

test('lines below the level are left out', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: 'n', level: 'warn', destination });
  logger.info('quiet');
  logger.warn('loud');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['loud']);
});
