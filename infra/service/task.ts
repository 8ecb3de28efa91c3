import {
  Capability,
  type ContainerDefinition,
  ContainerDependencyCondition,
  type ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { ServiceSettings } from '../settings/settings.ts';
import { addTaskRole } from './roles.ts';

export interface TaskOptions {
  settings: ServiceSettings;
  image: ContainerImage;
  role: IRole;
  logs: ILogGroup;
  size: { cpu: number; memoryMiB: number };
  /** What the image runs, such as `dist/start/api.js`. */
  entry: string;
  environment: Record<string, string>;
  port?: number;
  /** Path on `port` of 127.0.0.1 that answers 200 while the process is alive. */
  liveness?: { port: number; path: string };
}

export interface Task {
  definition: FargateTaskDefinition;
  container: ContainerDefinition;
}

/** Time beyond the service's own limit, so that it is the service that ends, and not ECS that kills. */
const MARGIN_SECONDS = 5;

/** One role of the image: as an ordinary user, on a file system that cannot be written to. */
export function addTask(scope: Construct, id: string, options: TaskOptions): Task {
  const { settings, size, role, port, liveness } = options;
  const part = new Construct(scope, id);
  const definition = new FargateTaskDefinition(part, 'Task', {
    cpu: size.cpu,
    memoryLimitMiB: size.memoryMiB,
    taskRole: role,
    executionRole: addTaskRole(part, 'ExecutionRole', `Media API: starts tasks of ${id}`),
    runtimePlatform: {
      cpuArchitecture:
        settings.cpuArchitecture === 'ARM64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  const container = definition.addContainer('main', {
    ...hardened(part, 'Main', options),
    command: ['node', options.entry],
    environment: options.environment,
    secrets: secrets(part, settings),
    stopTimeout: Duration.seconds(settings.shutdownTimeoutSeconds + MARGIN_SECONDS),
    ...(port !== undefined && { portMappings: [{ containerPort: port }] }),
    ...(liveness && { healthCheck: healthCheck(liveness) }),
  });
  return { definition, container };
}

/**
 * Migrates the database before the main container starts: code never runs on a schema older than
 * itself, and a migration that fails fails the roll-out, which is then rolled back. Tasks that start
 * together take turns (an advisory lock), and all but the first find nothing to do.
 */
export function migrateFirst(
  { definition, container }: Task,
  options: TaskOptions,
  environment: Record<string, string>,
): void {
  const migration = definition.addContainer('migrate', {
    ...hardened(definition, 'Migrate', options),
    command: ['node', 'dist/start/migrate.js'],
    environment,
    essential: false,
  });
  container.addContainerDependencies({
    container: migration,
    condition: ContainerDependencyCondition.SUCCESS,
  });
}

function hardened(scope: Construct, id: string, { image, logs }: TaskOptions) {
  const linuxParameters = new LinuxParameters(scope, `${id}Linux`, { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  return {
    image,
    user: 'node',
    readonlyRootFilesystem: true,
    linuxParameters,
    logging: LogDriver.awsLogs({ logGroup: logs, streamPrefix: 'media' }),
  };
}

function healthCheck({ port, path }: { port: number; path: string }) {
  const script = `fetch('http://127.0.0.1:${port}${path}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  return {
    command: ['CMD', 'node', '-e', script],
    interval: Duration.seconds(30),
    timeout: Duration.seconds(10),
    retries: 3,
    startPeriod: Duration.seconds(60),
  };
}

function secrets(scope: Construct, settings: ServiceSettings): Record<string, TaskSecret> {
  return Object.fromEntries(
    Object.entries(settings.secrets).map(([name, arn]) => [
      name,
      TaskSecret.fromSecretsManager(Secret.fromSecretCompleteArn(scope, `Secret${name}`, arn)),
    ]),
  );
}
