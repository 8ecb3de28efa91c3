import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/**
 * The access logs of the distribution (`cdn/`) and of the media bucket (`s3/`).
 *
 * CloudFront's standard logs are delivered by an access control list, which new buckets refuse:
 * BucketOwnerPreferred lets the list in and leaves the files ours. The newer delivery (v2) needs no
 * list, but has to be set up in us-east-1, hence in a stack apart from the distribution's.
 */
export function addLogBucket(scope: Construct, days: number): Bucket {
  return new Bucket(scope, 'AccessLogs', {
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      {
        id: 'forget-logs',
        expiration: Duration.days(days),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
