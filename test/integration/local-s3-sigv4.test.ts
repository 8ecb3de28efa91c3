import { describe, expect, test } from '@jest/globals';
import { authenticate } from '../../src/local/s3/authenticate.ts';
import { decodeAwsChunked } from '../../src/local/s3/aws-chunked.ts';
import { parseTarget } from '../../src/local/s3/target.ts';

/** The keys and the moment of all examples in AWS's documentation. */
const DOCS = {
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  region: 'us-east-1',
  now: () => Date.UTC(2013, 4, 24),
};
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function fromDocs(
  method: string,
  url: string,
  headers: Record<string, string>,
  signature: string,
): Parameters<typeof authenticate>[0] {
  const all = { 'x-amz-date': '20130524T000000Z', ...headers };
  const names = Object.keys(all).sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`;
  const target = parseTarget(url);
  return {
    method,
    rawPath: target.rawPath,
    query: target.query,
    headers: new Map(Object.entries({ ...all, authorization })),
  };
}

describe('the examples of AWS\'s page "Signature Calculations for the Authorization Header"', () => {
  const host = 'examplebucket.s3.amazonaws.com';
  test.each([
    [
      'GET Object',
      fromDocs(
        'GET',
        '/test.txt',
        { host, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_HASH },
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    ],
    [
      'PUT Object',
      fromDocs(
        'PUT',
        '/test%24file.text',
        {
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          host,
          'x-amz-content-sha256':
            '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        },
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    ],
    [
      'GET Bucket Lifecycle',
      fromDocs(
        'GET',
        '/?lifecycle',
        { host, 'x-amz-content-sha256': EMPTY_HASH },
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      ),
    ],
    [
      'List Objects',
      fromDocs(
        'GET',
        '/?max-keys=2&prefix=J',
        { host, 'x-amz-content-sha256': EMPTY_HASH },
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      ),
    ],
  ])('%s', (_name, request) => {
    expect(authenticate(request, DOCS).presigned).toBe(false);
    const changed = { ...request, method: 'DELETE' };
    expect(() => authenticate(changed, DOCS)).toThrow('signature we calculated does not match');
  });

  test('a body in signed chunks, each one holding the next one', async () => {
    const request = fromDocs(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        'content-encoding': 'aws-chunked',
        'content-length': '66824',
        host: 's3.amazonaws.com',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'x-amz-decoded-content-length': '66560',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
    const { seed } = authenticate(request, DOCS);
    const chunk = (size: number, signature: string): string =>
      `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`;
    const body = [
      chunk(65536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'),
      chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'),
      chunk(0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'),
    ].join('');
    const decode = async (text: string): Promise<number> => {
      async function* source(): AsyncGenerator<Buffer> {
        for (let i = 0; i < text.length; i += 1000) yield Buffer.from(text.slice(i, i + 1000));
      }
      const { content } = decodeAwsChunked(source(), { seed, trailer: false });
      let size = 0;
      for (let part = await content.next(); part.done !== true; part = await content.next()) {
        size += part.value.length;
      }
      return size;
    };
    expect(body).toHaveLength(66824);
    expect(await decode(body)).toBe(66560);
    await expect(decode(body.replace('aa\r\n', 'ab\r\n'))).rejects.toThrow(
      'signature we calculated does not match',
    );
    await expect(decode(body.slice(0, -90))).rejects.toMatchObject({ code: 'IncompleteBody' });
  });
});

describe('the example of AWS\'s page "Authenticating Requests: Using Query Parameters"', () => {
  const url =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const request = {
    method: 'GET',
    rawPath: '/test.txt',
    query: parseTarget(url).query,
    headers: new Map([['host', 'examplebucket.s3.amazonaws.com']]),
  };
  test('is good for a day, and no longer', () => {
    const lastMoment = DOCS.now() + 86_400_000;
    expect(authenticate(request, { ...DOCS, now: () => lastMoment }).presigned).toBe(true);
    expect(() => authenticate(request, { ...DOCS, now: () => lastMoment + 1 })).toThrow(
      'Request has expired',
    );
    expect(() => authenticate(request, { ...DOCS, now: () => DOCS.now() - 16 * 60_000 })).toThrow(
      'not valid yet',
    );
  });
});
