import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import {
  type Json,
  list,
  makeSettings,
  plain,
  type Stacks,
  type Statement,
  statementsOf,
  synthesise,
} from './synthesise.ts';

let stacks: Stacks;

beforeAll(() => {
  // A region that brings the functions of cross-region references as well.
  stacks = synthesise(makeSettings({ region: 'eu-central-1' }));
});

/** What a role may do: `action resource` lines, references shortened. */
function permissionsOf(role: string): string[] {
  return statementsOf(stacks.service)
    .filter(({ owner }) => owner.startsWith(`${role}DefaultPolicy`))
    .flatMap(({ statement }) =>
      list(statement.Action).flatMap((action) =>
        list(statement.Resource).map((resource) => `${action} ${shorten(plain(resource))}`),
      ),
    )
    .sort();
}

function shorten(resource: string): string {
  return resource
    .replace(/\{ExportsOutputRefPrivateKey\w+\}/, 'PrivateKey')
    .replace(/\{ExportsOutput(?:FnGetAtt|Ref)([A-Za-z]+?)[0-9A-F]{6,8}\w*\}/g, '$1')
    .replace(/\{([A-Za-z]+?)[0-9A-F]{8}(\.Arn)?\}/g, '$1')
    .replace('arn:aws:cloudfront::{AWS::AccountId}:distribution/', '');
}

describe('each role may do what it has to, to what it has to do it to', () => {
  test('the API: sign uploads, read its two secrets', () => {
    expect(permissionsOf('ApiRole')).toEqual([
      's3:PutObject Media/ingest/*',
      'secretsmanager:GetSecretValue DatabaseCredentialsAttachment',
      'secretsmanager:GetSecretValue PrivateKey',
    ]);
  });

  test('the worker may change what is to be audited, where that is set, and nothing else', () => {
    const { service } = synthesise(
      makeSettings({ service: { worker: { auditPrefixes: ['uploads/wishlist/'] } } }),
    );
    const [repair, listing] = ['RepairAudited', 'ListAudited'].map((sid) =>
      statementsOf(service).find(({ statement }) => statement.Sid === sid),
    );
    expect(list(repair?.statement.Resource).map(plain)).toEqual([
      expect.stringMatching(/\/uploads\/wishlist\/\*$/),
    ]);
    expect(list(repair?.statement.Action)).not.toContain('s3:DeleteObjectVersion');
    expect(listing?.statement.Condition).toEqual({
      StringLike: { 's3:prefix': ['uploads/wishlist/*'] },
    });
    expect(() => makeSettings({ service: { worker: { auditPrefixes: ['ingest/'] } } })).toThrow(
      'auditPrefixes',
    );
  });

  test('the worker: look at uploads, delete what it refuses, write thumbnails, invalidate', () => {
    expect(permissionsOf('WorkerRole')).toEqual([
      'cloudfront:CreateInvalidation Distribution',
      's3:DeleteObject Media/ingest/*',
      's3:DeleteObject Media/thumbnails/*',
      's3:DeleteObject Media/uploads/0*',
      's3:DeleteObjectVersion Media/ingest/*',
      's3:DeleteObjectVersion Media/thumbnails/*',
      's3:DeleteObjectVersion Media/uploads/0*',
      's3:GetBucketVersioning Media',
      's3:GetObject Media/ingest/*',
      's3:GetObject Media/uploads/0*',
      's3:GetObjectVersion Media/ingest/*',
      's3:GetObjectVersion Media/uploads/0*',
      's3:ListBucket Media',
      's3:ListBucketVersions Media',
      's3:PutObject Media/thumbnails/*',
      'secretsmanager:GetSecretValue DatabaseCredentialsAttachment',
      'sqs:ChangeMessageVisibility MediaEvents',
      'sqs:DeleteMessage MediaEvents',
      'sqs:GetQueueAttributes DeadLetters',
      'sqs:GetQueueAttributes MediaEvents',
      'sqs:ReceiveMessage MediaEvents',
      'sqs:SendMessage DeadLetters',
    ]);
    const [listing] = statementsOf(stacks.service).filter(
      ({ statement }) => statement.Sid === 'ListUploads',
    );
    expect(listing?.statement.Condition).toEqual({
      StringLikeIfExists: { 's3:prefix': ['ingest/*', 'uploads/0*', 'thumbnails/*'] },
    });
  });

  test('the operator: dead letters; the migration: the database', () => {
    expect(permissionsOf('OperatorRole')).toEqual([
      'sqs:ChangeMessageVisibility DeadLetters',
      'sqs:DeleteMessage DeadLetters',
      'sqs:GetQueueAttributes DeadLetters',
      'sqs:GetQueueAttributes MediaEvents',
      'sqs:ReceiveMessage DeadLetters',
      'sqs:SendMessage MediaEvents',
    ]);
    expect(permissionsOf('MigrationRole')).toEqual([
      'secretsmanager:GetSecretValue DatabaseCredentialsAttachment',
    ]);
  });

  test('who starts a task: pull this one repository, write this one log', () => {
    const repository = 'arn:{AWS::Partition}:ecr:us-east-1:111122223333:repository/media-api';
    expect(permissionsOf('ApiExecutionRole')).toEqual([
      `ecr:BatchCheckLayerAvailability ${repository}`,
      `ecr:BatchGetImage ${repository}`,
      'ecr:GetAuthorizationToken *',
      `ecr:GetDownloadUrlForLayer ${repository}`,
      'logs:CreateLogStream ApiLogs',
      'logs:PutLogEvents ApiLogs',
    ]);
  });

  test('the prefixes are those that the service uses', () => {
    const id = '01JD7T6Y4N8Q2Z5V0C3M9KXWRA' as ImageId;
    const matches = (pattern: string, key: string) => key.startsWith(pattern.slice(0, -1));
    expect(matches('ingest/*', ingestKey(id))).toBe(true);
    expect(matches('thumbnails/*', imageThumbnailKey(id))).toBe(true);
    expect(matches('uploads/0*', `uploads/${id}`)).toBe(true);
    expect(matches('uploads/0*', 'uploads/wishlist/a.jpg')).toBe(false);
  });
});

describe('nowhere in any stack', () => {
  const everyStatement = () =>
    stacks.every.flatMap((template) => statementsOf(template)) as {
      owner: string;
      statement: Statement;
    }[];
  const allowing = () => everyStatement().filter(({ statement }) => statement.Effect === 'Allow');

  test('is a permission for all resources, but where AWS has no other', () => {
    const wide = allowing()
      .filter(({ statement }) => list(statement.Resource).map(plain).includes('*'))
      .map(
        ({ owner, statement }) => `${owner.replace(/[0-9A-F]{8}$/, '')} ${list(statement.Action)}`,
      )
      // The login of a registry is for the whole of it.
      .filter((line) => !line.endsWith(' ecr:GetAuthorizationToken'))
      // In the policy of a key, `*` is that key.
      .filter((line) => !/^(Log|Topic)Key /.test(line));
    expect(wide).toEqual([]);
  });

  test('is a permission for all actions of a service, but for the account on its own keys', () => {
    const wide = allowing()
      .filter(({ statement }) => list(statement.Action).some((action) => /(^|:)\*$/.test(action)))
      .map(({ owner }) => owner.replace(/[0-9A-F]{8}$/, ''));
    expect(new Set(wide)).toEqual(new Set(['LogKey', 'TopicKey']));
  });

  test('is anybody allowed anything', () => {
    const anybody = allowing().filter(({ statement: { Principal } }) =>
      /^("\*"|\{"AWS":"\*"\})$/.test(JSON.stringify(Principal) ?? ''),
    );
    expect(anybody).toEqual([]);
  });

  test('is a bucket open to the public, or one that is not encrypted', () => {
    const buckets = stacks.every.flatMap((template) =>
      Object.values(template.findResources('AWS::S3::Bucket')),
    );
    expect(buckets).toHaveLength(3);
    for (const { Properties } of buckets as { Properties: Json }[]) {
      expect(Properties).toMatchObject({
        BucketEncryption: expect.anything(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(Properties).not.toHaveProperty('WebsiteConfiguration');
    }
  });
});
