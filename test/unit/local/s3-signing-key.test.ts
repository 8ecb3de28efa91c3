import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { signingKey } from '../../../src/local/s3/sigv4.ts';

const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

test('a key is that of its secret, day, region and service, whatever was asked for before', () => {
  const scope = { day: '20260120', region: 'eu-west-1', service: 's3' };
  const others = [
    ['other', scope],
    ['secret', { ...scope, day: '20260121' }],
    ['secret', { ...scope, region: 'us-east-1' }],
    ['secret', { ...scope, service: 'sqs' }],
  ] as const;
  for (const [secret, other] of others) {
    for (const [asked, { day, region, service }] of [
      ['secret', scope],
      [secret, other],
    ] as const) {
      const expected = [day, region, service, 'aws4_request'].reduce<Buffer>(
        (key, part) => hmac(key, part),
        Buffer.from(`AWS4${asked}`),
      );
      expect(signingKey(asked, { day, region, service })).toEqual(expected);
    }
  }
});
