import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct, IDependable } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/** Known before the bucket is: the queue's policy names it, and S3 checks that policy at creation. */
export function bucketName({ name, region, media }: Settings): string {
  return media.bucketName ?? `${name}-${Aws.ACCOUNT_ID}-${region}`;
}

/** Images, thumbnails and wishlist pictures: private, versioned, encrypted, over TLS only. */
export function addMediaBucket(scope: Construct, settings: Settings, logs: IBucket): Bucket {
  const { pageOrigins } = settings.media;
  return new Bucket(scope, 'Media', {
    bucketName: bucketName(settings),
    // Read URLs are pinned to the version that was validated.
    versioned: true,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    cors: [
      {
        // PUT and POST upload straight to S3; GET and HEAD let CloudFront pass preflights on.
        allowedMethods: [HttpMethods.PUT, HttpMethods.POST, HttpMethods.GET, HttpMethods.HEAD],
        allowedOrigins: [...pageOrigins],
        allowedHeaders: ['*'],
        exposedHeaders: ['ETag', 'x-amz-version-id'],
        maxAge: 600,
      },
    ],
    lifecycleRules: lifecycle(settings),
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 's3/',
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

/**
 * Nothing current expires. A served version is noncurrent only while an overwrite of it waits to be
 * deleted by the worker or the reaper, which takes days at most, and less than these.
 */
function lifecycle({ media }: Settings): LifecycleRule[] {
  return [
    {
      id: 'forget-noncurrent-versions',
      noncurrentVersionExpiration: Duration.days(media.noncurrentVersionDays),
      expiredObjectDeleteMarker: true,
    },
    {
      id: 'abort-incomplete-uploads',
      abortIncompleteMultipartUploadAfter: Duration.days(media.incompleteUploadDays),
    },
  ];
}

/**
 * Events straight to the queue, written as the bucket's own property: the CDK's construct for it would
 * bring a Lambda function that may change the notifications of every bucket in the account.
 */
export function notifyOfUploads(
  bucket: Bucket,
  to: { prefix: string; queueArn: string; allowedBy: IDependable },
): void {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error('the bucket has no resource of its own');
  resource.notificationConfiguration = {
    queueConfigurations: [
      {
        event: 's3:ObjectCreated:*',
        queue: to.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: to.prefix }] } },
      },
    ],
  };
  resource.node.addDependency(to.allowedBy);
}
