import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { type Json, list, only, plain, statementsOf, synthesise } from './synthesise.ts';

let media: Template;

beforeAll(() => {
  ({ media } = synthesise());
});

/** The bucket of the images; the other one of this stack holds logs. */
const MEDIA_BUCKET = { VersioningConfiguration: { Status: 'Enabled' } };

describe('the media bucket', () => {
  test('is versioned, encrypted, without access control lists, closed to the public', () => {
    media.hasResource('AWS::S3::Bucket', {
      Properties: {
        ...MEDIA_BUCKET,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
          ],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        AccessControl: Match.absent(),
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('lets the configured pages, and no others, upload from a browser', () => {
    media.hasResourceProperties('AWS::S3::Bucket', {
      ...MEDIA_BUCKET,
      CorsConfiguration: {
        CorsRules: [
          Match.objectLike({
            AllowedMethods: Match.arrayWith(['PUT', 'POST']),
            AllowedOrigins: ['https://www.example.com', 'https://m.example.com'],
            ExposedHeaders: Match.arrayWith(['ETag']),
          }),
        ],
      },
    });
  });

  test('forgets noncurrent versions, leftovers of deletions and unfinished uploads, nothing else', () => {
    media.hasResourceProperties('AWS::S3::Bucket', {
      ...MEDIA_BUCKET,
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'forget-noncurrent-versions',
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            ExpiredObjectDeleteMarker: true,
          },
          {
            Id: 'abort-incomplete-uploads',
            Status: 'Enabled',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ],
      },
    });
  });

  test('sends uploads under ingest/ straight to the queue, whose policy comes first', () => {
    const [queuePolicy] = Object.keys(
      media.findResources('AWS::SQS::QueuePolicy', {
        Properties: {
          PolicyDocument: {
            Statement: Match.arrayWith([Match.objectLike({ Sid: 'MediaBucketSendsEvents' })]),
          },
        },
      }),
    );
    media.hasResource('AWS::S3::Bucket', {
      Properties: {
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Event: 's3:ObjectCreated:*',
              Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'ingest/' }] } },
              Queue: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MediaEvents'), 'Arn'] },
            },
          ],
        },
      },
      DependsOn: [queuePolicy],
    });
    // No function that could change the notifications of other buckets.
    media.resourceCountIs('Custom::S3BucketNotifications', 0);
    media.resourceCountIs('AWS::Lambda::Function', 0);
  });
});

describe('the bucket policy', () => {
  const policy = () =>
    statementsOf(media)
      .filter(({ owner }) => owner.startsWith('MediaPolicy'))
      .map(({ statement }) => statement);
  const distributionOnly = {
    'AWS:SourceArn': expect.objectContaining({ 'Fn::Join': expect.anything() }),
  };

  test('grants to CloudFront alone, and there to this distribution alone', () => {
    const allowed = policy().filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Principal }) => Principal)).toEqual([
      { Service: 'cloudfront.amazonaws.com' },
      { Service: 'cloudfront.amazonaws.com' },
    ]);
    for (const { Condition } of allowed) {
      const { StringEquals: condition } = Condition as Record<string, Json>;
      expect(condition).toEqual(distributionOnly);
      expect(plain(condition?.['AWS:SourceArn'])).toMatch(
        /^arn:aws:cloudfront::\{AWS::AccountId\}:distribution\/\{Distrib\w+\}$/,
      );
    }
  });

  test('lets it read objects and versions under the three prefixes only', () => {
    const reading = policy().filter(
      ({ Effect, Action }) => Effect === 'Allow' && list(Action).some((name) => /Get/.test(name)),
    );
    expect(reading).toHaveLength(1);
    expect(reading[0]?.Action).toEqual(['s3:GetObject', 's3:GetObjectVersion']);
    expect(
      list(reading[0]?.Resource).map((resource) => plain(resource).replace(/^\{.*\}/, '')),
    ).toEqual(['/ingest/*', '/thumbnails/*', '/uploads/wishlist/*']);
  });

  test('grants, beyond reading, only what makes a missing object a 404', () => {
    const others = policy().filter(
      ({ Effect, Sid }) => Effect === 'Allow' && Sid !== 'DistributionReadsPictures',
    );
    expect(others.map(({ Action }) => Action)).toEqual(['s3:ListBucket']);
    expect(others[0]?.Condition).toMatchObject({
      StringLikeIfExists: { 's3:prefix': ['ingest/*', 'thumbnails/*', 'uploads/wishlist/*'] },
    });
  });
});

test('every bucket of the stack refuses anything but TLS', () => {
  for (const id of Object.keys(media.findResources('AWS::S3::Bucket'))) {
    media.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: id },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  }
});

test('access logs have a bucket of their own that CloudFront can deliver to', () => {
  media.hasResource('AWS::S3::Bucket', {
    Properties: {
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90 })] },
      BucketEncryption: Match.anyValue(),
    },
    DeletionPolicy: 'Retain',
  });
});

describe('the queues', () => {
  const queue = (id: string) => {
    const found = Object.entries(media.findResources('AWS::SQS::Queue')).find(([name]) =>
      name.startsWith(id),
    );
    return found?.[1]?.Properties as Json;
  };

  test('give a message up after three receives, to a queue that keeps it for 14 days', () => {
    expect(queue('MediaEvents').RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^DeadLetters/), 'Arn'] },
      maxReceiveCount: 3,
    });
    expect(queue('DeadLetters').MessageRetentionPeriod).toBe(14 * 86_400);
    expect(Number(queue('MediaEvents').MessageRetentionPeriod)).toBeLessThan(14 * 86_400);
  });

  test('hide a message for longer than the worker does', () => {
    expect(Number(queue('MediaEvents').VisibilityTimeout)).toBeGreaterThan(60);
  });

  test('are encrypted, refuse anything but TLS, and outlive the stack', () => {
    media.allResources('AWS::SQS::Queue', {
      Properties: { SqsManagedSseEnabled: true },
      DeletionPolicy: 'Retain',
    });
    media.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  });

  test('take messages of this bucket of this account and of nobody else', () => {
    const allowed = statementsOf(media).filter(
      ({ owner, statement }) =>
        /(Events|Letters)Policy/.test(owner) && statement.Effect === 'Allow',
    );
    expect(allowed).toHaveLength(1);
    const { Principal, Action, Condition } = allowed[0]?.statement ?? {};
    expect({ Principal, Action }).toEqual({
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
    });
    const { ArnEquals, StringEquals } = Condition as Record<string, Json>;
    expect(StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
    const [bucket] = Object.values(
      media.findResources('AWS::S3::Bucket', { Properties: MEDIA_BUCKET }),
    );
    expect(plain(ArnEquals?.['aws:SourceArn'])).toBe(
      `arn:{AWS::Partition}:s3:::${plain(bucket?.Properties?.BucketName)}`,
    );
  });
});

test('the private key has a secret, empty and kept, and is in no template', () => {
  media.hasResource('AWS::SecretsManager::Secret', {
    Properties: { SecretString: Match.absent(), GenerateSecretString: Match.absent() },
    DeletionPolicy: 'Retain',
  });
  expect(only(media, 'AWS::SecretsManager::Secret')).not.toHaveProperty('SecretString');
});
