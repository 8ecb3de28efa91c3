import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { z } from 'zod';
import { type Credentials, type PutRequest, putUrlsLike, type SignPutUrl } from './put-url.ts';

export interface UploadRequest extends PutRequest {
  /** Signs `If-None-Match: *`: the upload is refused when the key has an object already. */
  onlyOnce?: boolean | undefined;
}

export interface PresignedUpload {
  url: string;
  /** What the client has to send; all of it is signed. */
  headers: { name: string; value: string }[];
  /** Whole seconds. */
  expiresAt: Date;
}

export interface FormRequest {
  key: string;
  contentType: string;
  /** The largest file that is taken, in bytes. An empty one is not. */
  maxSizeBytes: number;
  expiresInSeconds: number;
}

export interface PresignedForm {
  url: string;
  /** What the form has to send before the file; all of it is signed. */
  fields: { name: string; value: string }[];
  /** Whole seconds. */
  expiresAt: Date;
}

/** Makes what a client uploads with. Computed here, from the credentials: S3 is not asked. */
export interface Presigner {
  presignUpload(upload: UploadRequest): Promise<PresignedUpload>;
  presignForm(form: FormRequest): Promise<PresignedForm>;
}

export function createPresigner(client: S3Client, bucket: string): Presigner {
  const presignPut = createPutPresigner(client, bucket);
  return {
    async presignUpload(upload) {
      const signingDate = new Date();
      const url = await presignPut(upload, signingDate);
      const headers = [{ name: 'Content-Type', value: upload.contentType }];
      if (upload.contentLength !== undefined) {
        headers.push({ name: 'Content-Length', value: String(upload.contentLength) });
      }
      if (upload.onlyOnce) headers.push({ name: 'If-None-Match', value: '*' });
      return { url, headers, expiresAt: wholeSecondsAfter(signingDate, upload.expiresInSeconds) };
    },

    async presignForm({ key, contentType, maxSizeBytes, expiresInSeconds }) {
      const { url, fields } = await createPresignedPost(client, {
        Bucket: bucket,
        Key: key,
        // The policy demands exactly what the fields say, and refuses any further field.
        Fields: { 'Content-Type': contentType, success_action_status: CREATED },
        Conditions: [['content-length-range', 1, maxSizeBytes]],
        Expires: expiresInSeconds,
      });
      return {
        url,
        fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
        expiresAt: expirationOf(fields.Policy ?? ''),
      };
    },
  };
}

/**
 * The SDK takes ten times as long as the signature does. So it signs only until it is known how it
 * does: once our own URL is the same letter by letter, ours are used. Where they never are (buckets
 * that are signed in another way), the SDK goes on. Credentials are always the SDK's, which renews
 * them.
 */
function createPutPresigner(
  client: S3Client,
  bucket: string,
): (upload: PutRequest, date: Date) => Promise<string> {
  let signPutUrl: SignPutUrl | undefined;
  return async (upload, date) => {
    const credentials: Credentials = await client.config.credentials();
    if (signPutUrl) return signPutUrl(upload, credentials, date);
    const url = await presignBySdk(client, bucket, upload, date);
    const candidate = putUrlsLike(url, upload.key);
    if (candidate?.(upload, credentials, date) === url) signPutUrl = candidate;
    return url;
  };
}

function presignBySdk(
  client: S3Client,
  bucket: string,
  { key, contentType, contentLength, onlyOnce, expiresInSeconds }: PutRequest,
  signingDate: Date,
): Promise<string> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    ContentLength: contentLength,
    IfNoneMatch: onlyOnce ? '*' : undefined,
  });
  return getSignedUrl(client, command, {
    signingDate,
    expiresIn: expiresInSeconds,
    // Without being named here these headers would be left out of X-Amz-SignedHeaders, and the
    // upload could carry any value of them.
    signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
  });
}

/**
 * S3's default, 204, makes a browser stay on the page as if its form had never been sent. A
 * redirect would need the page's address, which a form is not asked for ("POST Object", Amazon S3
 * API Reference).
 */
const CREATED = '201';

const policySchema = z.object({ expiration: z.iso.datetime() });

/** The SDK takes the time itself, so what it has signed is the only place to learn it from. */
function expirationOf(policyBase64: string): Date {
  const policy: unknown = JSON.parse(Buffer.from(policyBase64, 'base64').toString());
  return new Date(policySchema.parse(policy).expiration);
}

/** Signatures count in whole seconds, so the expiry they have does too. */
function wholeSecondsAfter(date: Date, seconds: number): Date {
  return new Date((Math.floor(date.getTime() / 1000) + seconds) * 1000);
}
