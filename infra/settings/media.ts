import { z } from 'zod';
import { count, globalArn, matching, oneOf, webOrigin } from './values.ts';

/** Days that CloudWatch Logs can keep log lines. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

export const media = z.strictObject({
  /** Default: `{name}-{account}-{region}`, which is free for certain. */
  bucketName: matching(
    /^(?!xn--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    'must be 3 to 63 lower-case letters, digits and hyphens (dots break HTTPS)',
  ).optional(),
  /** Pages that upload from, and show pictures in, a browser. */
  pageOrigins: z
    .array(webOrigin(), { error: 'must list the origins of your pages' })
    .min(1, { error: 'must list at least one origin' }),
  /** Longer than messages live in the queue: see docs/infrastructure.md, "Versions". */
  noncurrentVersionDays: count(15, 3650).default(30),
  incompleteUploadDays: count(1, 365).default(7),
  accessLogDays: count(1, 3650).default(90),
});

const cdnFields = z.strictObject({
  /** PEM files beside the settings file. URLs are signed with the first; more while keys rotate. */
  publicKeyFiles: z
    .array(z.string().min(1), { error: 'must list the PEM files of one to five public keys' })
    .min(1, { error: 'must list at least one PEM file' })
    .max(5, { error: 'must list at most five PEM files: CloudFront takes no more in a key group' }),
  priceClass: oneOf(100, 200, 'all').default(100),
  /** Your own host names, with a certificate for them. Default: a name of cloudfront.net. */
  domainNames: z
    .array(
      matching(
        /^(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}$/,
        'must be a host name such as media.example.com',
      ),
    )
    .default([]),
  certificateArn: globalArn(
    'acm',
    'certificate/[0-9a-f-]+',
    'arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab',
  ).optional(),
  webAclArn: globalArn(
    'wafv2',
    'global/webacl/[\\w-]+/[0-9a-f-]+',
    'arn:aws:wafv2:us-east-1:111122223333:global/webacl/media/1234abcd-12ab-34cd-56ef-1234567890ab',
  ).optional(),
});

export const cdn = cdnFields.refine(
  ({ domainNames, certificateArn }) => domainNames.length > 0 === (certificateArn !== undefined),
  { path: ['certificateArn'], error: 'is needed with domainNames, and only with them' },
);
