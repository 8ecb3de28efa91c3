import { beforeAll, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { makeSettings, only, statementsOf, synthesise } from './synthesise.ts';

let service: Template;

beforeAll(() => {
  ({ service } = synthesise());
});

test('PostgreSQL is private, encrypted, kept, and in two zones', () => {
  service.hasResource('AWS::RDS::DBInstance', {
    Properties: {
      Engine: 'postgres',
      EngineVersion: '17',
      PubliclyAccessible: false,
      StorageEncrypted: true,
      MultiAZ: true,
      BackupRetentionPeriod: 14,
      DeletionProtection: true,
      DeleteAutomatedBackups: false,
      CopyTagsToSnapshot: true,
      DBSubnetGroupName: { Ref: Match.stringLikeRegexp('^DatabaseSubnetGroup') },
    },
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
  });
  service.hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Parameters: { 'rds.force_ssl': '1' },
  });
  const { SubnetIds } = only(service, 'AWS::RDS::DBSubnetGroup');
  expect(SubnetIds).toEqual([
    { Ref: expect.stringMatching(/^VpcdatabaseSubnet1/) },
    { Ref: expect.stringMatching(/^VpcdatabaseSubnet2/) },
  ]);
});

test('nothing leads from its subnets to the internet', () => {
  service.resourcePropertiesCountIs(
    'AWS::EC2::Route',
    { RouteTableId: { Ref: Match.stringLikeRegexp('^VpcdatabaseSubnet') } },
    0,
  );
});

test('its password is made by Secrets Manager, is nowhere in the template, and stays', () => {
  service.hasResource('AWS::SecretsManager::Secret', {
    Properties: {
      GenerateSecretString: Match.objectLike({ GenerateStringKey: 'password', PasswordLength: 30 }),
      SecretString: Match.absent(),
    },
    DeletionPolicy: 'Retain',
  });
  const { MasterUserPassword } = only(service, 'AWS::RDS::DBInstance');
  expect(JSON.stringify(MasterUserPassword)).toContain('{{resolve:secretsmanager:');
  service.resourceCountIs('AWS::SecretsManager::SecretTargetAttachment', 1);
});

test('its size is a parameter', () => {
  const { service: changed } = synthesise(
    makeSettings({
      service: {
        database: {
          version: '16',
          instanceType: 'r7g.large',
          storageGiB: 100,
          maxStorageGiB: 1000,
          multiAz: false,
          backupDays: 35,
        },
      },
    }),
  );
  changed.hasResourceProperties('AWS::RDS::DBInstance', {
    EngineVersion: '16',
    DBInstanceClass: 'db.r7g.large',
    AllocatedStorage: '100',
    MaxAllocatedStorage: 1000,
    MultiAZ: false,
    BackupRetentionPeriod: 35,
  });
});

test('it can be yours: then none is made, and the tasks read your secret and may connect', () => {
  const secretArn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:ours/media-AbCdEf';
  const { service: changed, watch } = synthesise(
    makeSettings({
      service: { database: { secretArn, securityGroupId: 'sg-0a1b2c3d', port: 6432 } },
    }),
  );
  changed.resourceCountIs('AWS::RDS::DBInstance', 0);
  changed.resourceCountIs('AWS::SecretsManager::Secret', 0);
  changed.resourcePropertiesCountIs(
    'AWS::EC2::SecurityGroupIngress',
    { GroupId: 'sg-0a1b2c3d', FromPort: 6432, ToPort: 6432 },
    2,
  );
  const readers = statementsOf(changed).filter(({ statement }) => statement.Sid === 'ReadSecrets');
  expect(readers).toHaveLength(3);
  for (const { statement } of readers) {
    expect(JSON.stringify(statement.Resource)).toContain(secretArn);
  }
  watch.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Namespace: 'AWS/RDS' }, 0);
});
