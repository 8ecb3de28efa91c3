import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** Never used for anything but a URL that is thrown away: finding the real ones may take a request. */
const NO_CREDENTIALS = { accessKeyId: 'none', secretAccessKey: 'none' };

/**
 * The origin that presigned uploads go to, as a source of a Content-Security-Policy. Where the
 * bucket is part of the host name a wildcard takes its place, since pages are to name no bucket:
 * `https://*.s3.eu-central-1.amazonaws.com`. Asks nobody.
 *
 * Taken from a URL that the SDK has made, because the rules are the SDK's: it puts a bucket with
 * dots in its name, and one at an IP address, in the path after all.
 */
export async function findUploadOrigin(config: S3ClientConfig, bucket: string): Promise<string> {
  const client = new S3Client({ ...config, credentials: NO_CREDENTIALS });
  try {
    const command = new PutObjectCommand({ Bucket: bucket, Key: 'any' });
    const { protocol, host } = new URL(await getSignedUrl(client, command));
    const ofBucket = `${bucket}.`;
    const source = host.startsWith(ofBucket) ? `*.${host.slice(ofBucket.length)}` : host;
    return `${protocol}//${source}`;
  } finally {
    client.destroy();
  }
}
