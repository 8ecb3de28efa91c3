import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { EARLIER_INGEST, INGEST, THUMBNAILS } from '../key-prefixes.ts';
import type { MediaStack } from '../media/media-stack.ts';

/** A role for tasks of this account, and not for another account's that names it. */
export function addTaskRole(
  scope: Construct,
  id: string,
  description: string,
  statements: readonly PolicyStatement[] = [],
): Role {
  const role = new Role(scope, id, {
    description,
    assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  for (const statement of statements) role.addToPolicy(statement);
  return role;
}

export function mayReadSecrets(...arns: string[]): PolicyStatement {
  return allow('ReadSecrets', ['secretsmanager:GetSecretValue'], arns);
}

/** An upload URL carries the permissions of whoever signed it, so the API needs this one, and no more. */
export function apiPermissions({ bucket }: MediaStack): PolicyStatement[] {
  return [allow('UploadByUrl', ['s3:PutObject'], [bucket.arnForObjects(`${INGEST}*`)])];
}

/** Looks at uploads, deletes what it refuses, writes thumbnails; nothing under the wishlist's prefix. */
export function workerPermissions(media: MediaStack): PolicyStatement[] {
  const { bucket } = media;
  const list = allow('ListUploads', ['s3:ListBucket', 's3:ListBucketVersions'], [bucket.bucketArn]);
  // IfExists: S3 tells "missing" from "refused" only to those who may list, and reading has no prefix.
  list.addCondition('StringLikeIfExists', {
    's3:prefix': [`${INGEST}*`, `${EARLIER_INGEST}*`, `${THUMBNAILS}*`],
  });
  return [
    allow(
      'ReadAndDeleteUploads',
      ['s3:GetObject', 's3:GetObjectVersion', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      [bucket.arnForObjects(`${INGEST}*`), bucket.arnForObjects(`${EARLIER_INGEST}*`)],
    ),
    allow(
      'WriteThumbnails',
      ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      [bucket.arnForObjects(`${THUMBNAILS}*`)],
    ),
    list,
    allow('AskForVersioning', ['s3:GetBucketVersioning'], [bucket.bucketArn]),
    allow(
      'ReceiveEvents',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      [media.media.queueArn],
    ),
    allow(
      'SendDeadLetters',
      ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      [media.deadLetters.queueArn],
    ),
    allow('Invalidate', ['cloudfront:CreateInvalidation'], [media.distribution.distributionArn]),
  ];
}

/** Copies objects onto themselves with everything that they have, and deletes wrongly named ones. */
export function auditPermissions(
  media: MediaStack,
  prefixes: readonly string[],
): PolicyStatement[] {
  if (prefixes.length === 0) return [];
  const { bucket } = media;
  const list = allow('ListAudited', ['s3:ListBucket'], [bucket.bucketArn]);
  // Both the walk below a prefix and the look for one key beside another.
  list.addCondition('StringLike', { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) });
  return [
    allow(
      'RepairAudited',
      [
        's3:GetObject',
        's3:GetObjectTagging',
        's3:PutObject',
        's3:PutObjectTagging',
        's3:DeleteObject',
      ],
      prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    ),
    list,
  ];
}

/** Looks through the dead letters, and sends them back to be tried again. */
export function operatorPermissions({ media, deadLetters }: MediaStack): PolicyStatement[] {
  return [
    allow(
      'HandleDeadLetters',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      [deadLetters.queueArn],
    ),
    allow('Redrive', ['sqs:SendMessage', 'sqs:GetQueueAttributes'], [media.queueArn]),
  ];
}

function allow(sid: string, actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions, resources });
}
