import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { loadApiConfig, loadWorkerConfig } from '../../src/shared/config.ts';
import { makeEcKey } from '../support/keys.ts';
import { type Json, makeSettings, plain, synthesise } from './synthesise.ts';

interface Container extends Json {
  Name: string;
  Command: string[];
  Environment: { Name: string; Value: unknown }[];
  Image: unknown;
}

let service: Template;
let media: Template;

beforeAll(() => {
  ({ service, media } = synthesise());
});

function task(id: string, template = service) {
  const [found] = Object.entries(template.findResources('AWS::ECS::TaskDefinition')).filter(
    ([name]) => name.startsWith(`${id}Task`),
  );
  if (!found) throw new Error(`no task ${id}`);
  const { ContainerDefinitions: containers, ...properties } = found[1].Properties as Json & {
    ContainerDefinitions: Container[];
  };
  const container = (name: string) => containers.find(({ Name }) => Name === name) as Container;
  return { ...properties, containers, main: container('main'), migrate: container('migrate') };
}

function environmentOf({ Environment }: Container): Record<string, string> {
  return Object.fromEntries(Environment.map(({ Name, Value }) => [Name, plain(Value)]));
}

const ROLES = ['Api', 'Worker', 'Migration', 'Operator'];

test('every role is the same image', () => {
  const images = ROLES.flatMap((id) => task(id).containers.map(({ Image }) => plain(Image)));
  expect(new Set(images)).toEqual(
    new Set(['111122223333.dkr.ecr.us-east-1.{AWS::URLSuffix}/media-api:1.4.2']),
  );
  expect(ROLES.map((id) => task(id).main.Command.join(' '))).toEqual([
    'node dist/start/api.js',
    'node dist/start/worker.js',
    'node dist/start/migrate.js',
    'node dist/start/dlq.js',
  ]);
});

test.each(ROLES)('%s runs as an ordinary user who can write nowhere', (id) => {
  for (const container of task(id).containers) {
    expect(container).toMatchObject({
      User: 'node',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
    });
    expect(container).not.toHaveProperty('Privileged');
  }
});

test.each(['Api', 'Worker'])('%s starts once the database is migrated', (id) => {
  const { main, migrate } = task(id);
  expect(migrate.Command).toEqual(['node', 'dist/start/migrate.js']);
  expect(migrate.Essential).toBe(false);
  expect(main.DependsOn).toEqual([{ ContainerName: 'migrate', Condition: 'SUCCESS' }]);
});

test.each([25, 100])('a task that takes %d s to stop is not killed before', (seconds) => {
  const changed = synthesise(
    makeSettings({ service: { shutdownTimeoutSeconds: seconds } }),
  ).service;
  for (const id of ['Api', 'Worker']) {
    const { main } = task(id, changed);
    expect(environmentOf(main).SHUTDOWN_TIMEOUT_SECS).toBe(String(seconds));
    expect(Number(main.StopTimeout)).toBeGreaterThan(seconds);
    expect(Number(main.StopTimeout)).toBeLessThanOrEqual(120);
  }
});

describe('the variables', () => {
  /** Where the service puts what it has read from a secret. */
  const SECRETS = {
    DATABASE_URL: 'postgresql://media:password@db.example.com:5432/media',
    CLOUDFRONT_PRIVATE_KEY_PEM: makeEcKey().pem,
  };
  /** The template's references in the place of what they will be. */
  const resolved = (environment: Record<string, string>) => ({
    ...Object.fromEntries(
      Object.entries(environment)
        .filter(([name]) => !name.endsWith('_SECRET_ID'))
        .map(([name, value]) => {
          if (/^SQS_.*_URL$/.test(name)) return [name, `https://sqs.us-east-1.amazonaws.com/1/q`];
          if (name === 'CLOUDFRONT_DOMAIN') return [name, 'd111111abcdef8.cloudfront.net'];
          if (name === 'CLOUDFRONT_DISTRIBUTION_ID') return [name, 'EDFDVBD632BHDS5'];
          return [name, value];
        }),
    ),
    ...SECRETS,
  });

  test('are what the service needs to start', () => {
    const api = loadApiConfig(resolved(environmentOf(task('Api').main)));
    expect(api).toMatchObject({
      NODE_ENV: 'production',
      PORT: 4000,
      METRICS_PORT: 9464,
      AWS_REGION: 'us-east-1',
      CORS_ORIGINS: ['https://www.example.com', 'https://m.example.com'],
    });
    const worker = loadWorkerConfig(resolved(environmentOf(task('Worker').main)));
    expect(worker).toMatchObject({
      WORKER_HTTP_PORT: 9465,
      SQS_VISIBILITY_TIMEOUT_SECS: 60,
      CLOUDFRONT_DISTRIBUTION_ID: 'EDFDVBD632BHDS5',
    });
  });

  test('name secrets and hold none', () => {
    const databaseSecret = expect.stringMatching(/^\{DatabaseCredentialsAttachment/);
    expect(environmentOf(task('Api').main)).toMatchObject({
      DATABASE_URL_SECRET_ID: databaseSecret,
      CLOUDFRONT_PRIVATE_KEY_SECRET_ID: expect.stringMatching(/RefPrivateKey/),
      PGSSLMODE: 'verify-full',
      NODE_EXTRA_CA_CERTS: '/app/certificates/rds.pem',
    });
    expect(environmentOf(task('Worker').main)).toMatchObject({
      DATABASE_URL_SECRET_ID: databaseSecret,
    });
    expect(environmentOf(task('Worker').main)).not.toHaveProperty(
      'CLOUDFRONT_PRIVATE_KEY_SECRET_ID',
    );
    expect(JSON.stringify(service.toJSON())).not.toMatch(/PRIVATE KEY-----|postgres(ql)?:\/\//);
  });

  test('the queue hides messages for longer than the worker is told to', () => {
    const visibilityTimeoutSeconds = 90;
    const changed = synthesise(makeSettings({ service: { worker: { visibilityTimeoutSeconds } } }));
    expect(environmentOf(task('Worker', changed.service).main).SQS_VISIBILITY_TIMEOUT_SECS).toBe(
      '90',
    );
    changed.media.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 180 });
    media.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 120 });
  });

  test('can be added to, and secrets of yours with them', () => {
    const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:ours/admin-AbCdEf';
    const { service: changed } = synthesise(
      makeSettings({
        service: {
          api: { environment: { LOG_LEVEL: 'debug' } },
          secrets: { ADMIN_TOKEN: arn },
        },
      }),
    );
    expect(environmentOf(task('Api', changed).main).LOG_LEVEL).toBe('debug');
    expect(task('Api', changed).main.Secrets).toEqual([{ Name: 'ADMIN_TOKEN', ValueFrom: arn }]);
    expect(task('Operator', changed).main).not.toHaveProperty('Secrets');
  });
});

test('each container of a service says whether it is alive', () => {
  const command = (id: string) =>
    String((task(id).main.HealthCheck as { Command: string[] }).Command);
  expect(command('Api')).toContain('http://127.0.0.1:4000/api/health/liveness');
  expect(command('Worker')).toContain('http://127.0.0.1:9465/health/liveness');
});

test('the logs are encrypted, kept for 90 days, and outlive the stack', () => {
  service.allResources('AWS::Logs::LogGroup', {
    Properties: {
      RetentionInDays: 90,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
    },
    DeletionPolicy: 'Retain',
  });
});

test('size and architecture are parameters; the worker has 2 GB', () => {
  expect(task('Worker')).toMatchObject({ Cpu: '1024', Memory: '2048' });
  const { service: changed } = synthesise(
    makeSettings({
      service: { cpuArchitecture: 'ARM64', worker: { cpu: 2048, memoryMiB: 4096 } },
    }),
  );
  expect(task('Worker', changed)).toMatchObject({
    Cpu: '2048',
    Memory: '4096',
    RuntimePlatform: { CpuArchitecture: 'ARM64' },
  });
});
