import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { makeStandInPage, type StandInPage } from '../support/page.ts';

let page: StandInPage;

beforeAll(async () => {
  page = await makeStandInPage();
});

afterAll(() => page.remove());

function start(environment: Record<string, string> = {}): Promise<TestApi> {
  const options = { galleryDirectory: page.directory };
  return startTestApi({ GALLERY_PAGE: 'true', ...environment }, options);
}

describe('Content-Security-Policy', () => {
  const AWS = { S3_FORCE_PATH_STYLE: 'false', AWS_ENDPOINT_URL_S3: '' };

  test.each([
    ['at AWS', { ...AWS }, 'https://*.s3.eu-central-1.amazonaws.com'],
    ['in China', { ...AWS, AWS_REGION: 'cn-north-1' }, 'https://*.s3.cn-north-1.amazonaws.com.cn'],
    [
      'at AWS with the bucket in the path',
      { ...AWS, S3_FORCE_PATH_STYLE: 'true' },
      'https://s3.eu-central-1.amazonaws.com',
    ],
    [
      'at AWS with dots in the bucket',
      { ...AWS, S3_INPUT_BUCKET: 'secret-bucket.example.com' },
      'https://s3.eu-central-1.amazonaws.com',
    ],
    [
      'at another endpoint',
      { S3_FORCE_PATH_STYLE: 'true', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' },
      'http://127.0.0.1:9000',
    ],
    [
      'at another endpoint with hosts for buckets',
      { ...AWS, AWS_ENDPOINT_URL_S3: 'https://s3.example.com:9000' },
      'https://*.s3.example.com:9000',
    ],
  ])('%s', async (_where, environment: Record<string, string>, uploads) => {
    const own = await start(environment);
    try {
      const { headers } = await own.send('/');
      expect(headers.get('content-security-policy')).toBe(
        [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "img-src 'self' blob: data: https://cdn.example.com",
          `connect-src 'self' ${uploads} https://cdn.example.com`,
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types 'none'",
        ].join('; '),
      );
      expect([...headers].join()).not.toContain('secret-bucket');

      // The policy lets through what the API hands out.
      const { data } = await own.graphql<{ createImageIngestUrl: { uploadUrl: string } }>(
        `mutation { createImageIngestUrl(input: {contentType: "image/png", fileName: "a.png"}) { uploadUrl } }`,
      );
      const { protocol, host } = new URL(data.createImageIngestUrl.uploadUrl);
      expect(`${protocol}//${host.replace(/^secret-bucket\./, '*.')}`).toBe(uploads);
    } finally {
      await own.close();
    }
  });

  test('another one makes another ETag: browsers may keep the old with the old', async () => {
    const usual = await start();
    const moved = await start({ CLOUDFRONT_DOMAIN: 'cdn2.example.com' });
    try {
      const etags = await Promise.all([usual, moved].map((one) => one.send('/')));
      const [before, after] = etags.map(({ headers }) => headers.get('etag'));
      expect(after).not.toBe(before);
    } finally {
      await usual.close();
      await moved.close();
    }
  });
});
