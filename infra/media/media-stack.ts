import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Aws, CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { INGEST } from '../key-prefixes.ts';
import type { Settings } from '../settings/settings.ts';
import { letDistributionRead } from './bucket-policy.ts';
import { addDistribution } from './distribution.ts';
import { addLogBucket } from './log-bucket.ts';
import { addMediaBucket, bucketName, notifyOfUploads } from './media-bucket.ts';
import { addQueues, type Queues } from './queues.ts';
import { addSigningKeys, type KeyPair } from './signing-keys.ts';

/** What the other stacks need of this one. */
export interface MediaStack extends Pick<Queues, 'media' | 'deadLetters'> {
  stack: Stack;
  bucket: Bucket;
  distribution: Distribution;
  /** What the API signs with. */
  signingKey: KeyPair;
}

/** Storage, events and the CDN: everything that holds or hands out pictures. */
export function addMediaStack(
  scope: Construct,
  settings: Settings,
  options: { crossRegionReferences: boolean },
): MediaStack {
  const stack = new Stack(scope, `${settings.name}-media`, {
    description: 'Media API: bucket, queues, distribution',
    env: { region: settings.region },
    terminationProtection: true,
    ...options,
  });
  const logs = addLogBucket(stack, settings.media.accessLogDays);
  const queues = addQueues(stack, {
    bucketArn: `arn:${Aws.PARTITION}:s3:::${bucketName(settings)}`,
    workerVisibilitySeconds: settings.service.worker.visibilityTimeoutSeconds,
  });
  const bucket = addMediaBucket(stack, settings, logs);
  notifyOfUploads(bucket, {
    prefix: INGEST,
    queueArn: queues.media.queueArn,
    allowedBy: queues.bucketMaySend,
  });
  const { keyGroup, current } = addSigningKeys(stack, settings);
  const distribution = addDistribution(stack, settings, { bucket, logs, keyGroup });
  letDistributionRead(bucket, distribution);

  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  new CfnOutput(stack, 'DistributionDomain', { value: distribution.distributionDomainName });
  new CfnOutput(stack, 'KeyPairId', { value: current.keyPairId });
  new CfnOutput(stack, 'MediaQueueUrl', { value: queues.media.queueUrl });
  new CfnOutput(stack, 'DeadLetterQueueUrl', { value: queues.deadLetters.queueUrl });
  return {
    stack,
    bucket,
    distribution,
    signingKey: current,
    media: queues.media,
    deadLetters: queues.deadLetters,
  };
}
