import { z } from 'zod';
import { cdn, media } from './media.ts';
import { service } from './service.ts';
import { count, email, matching } from './values.ts';

const watch = z.strictObject({
  /** Who hears of alarms and of the budget. */
  emails: z
    .array(email(), { error: 'must list e-mail addresses' })
    .min(1, { error: 'must list at least one e-mail address' })
    .max(10, { error: 'must list at most ten: a budget notifies no more' }),
  cloudFrontBudgetUsd: count(1, 1_000_000).default(50),
  oldestMessageSeconds: count(60, 86_400).default(300),
  serverErrorPercent: z.number().positive().max(100).default(1),
  originLatencyMs: count(10, 30_000).default(1000),
});

export const settingsSchema = z.strictObject({
  /** First part of every stack's name; in an account, whatever the region, one of each. */
  name: matching(
    /^[a-z][a-z0-9-]{1,19}$/,
    'must be 2 to 20 lower-case letters, digits and hyphens',
  ).default('media'),
  region: matching(
    /^[a-z]{2}(-[a-z]+)+-\d$/,
    'must be the name of an AWS region such as eu-central-1',
  ),
  /** On everything, beside `application`; both can be cost allocation tags. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  media,
  cdn,
  service,
  watch,
});

/** A key that URLs are signed for. */
export interface SigningKey {
  /** SubjectPublicKeyInfo in PEM, as CloudFront wants it. */
  pem: string;
  /** The same for the same key however its PEM is wrapped. */
  fingerprint: string;
}

/** What the stacks are built from: the file, with its defaults filled in and its keys read. */
export type Settings = Readonly<z.output<typeof settingsSchema>> & {
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]];
};
export type ServiceSettings = Settings['service'];
export type NetworkSettings = ServiceSettings['network'];
export type DatabaseSettings = ServiceSettings['database'];
