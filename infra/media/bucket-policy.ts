import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { INGEST, THUMBNAILS, WISHLIST } from '../key-prefixes.ts';

const SERVED = [INGEST, THUMBNAILS, WISHLIST];

/** Lets one distribution, and nobody else's, read what lies under the served prefixes. */
export function letDistributionRead(bucket: Bucket, distribution: IDistribution): void {
  const principals = [new ServicePrincipal('cloudfront.amazonaws.com')];
  const thisDistribution = {
    StringEquals: { 'AWS:SourceArn': distribution.distributionArn },
  };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'DistributionReadsPictures',
      principals,
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: SERVED.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
      conditions: thisDistribution,
    }),
  );
  // S3 tells 404 (missing) from 403 (refused) only to those who may list; 404 is what is cached for five
  // minutes. No listing comes of it: the distribution's paths and query strings cannot ask for one.
  // IfExists, since reading a missing object is judged by this, too, and has no prefix.
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'MissingPicturesAre404',
      principals,
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: {
        ...thisDistribution,
        StringLikeIfExists: { 's3:prefix': SERVED.map((prefix) => `${prefix}*`) },
      },
    }),
  );
}
