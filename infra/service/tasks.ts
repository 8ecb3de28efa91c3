import type { Construct } from 'constructs';
import type { MediaStack } from '../media/media-stack.ts';
import type { Settings } from '../settings/settings.ts';
import { containerImage } from './container-image.ts';
import type { Database } from './database.ts';
import {
  API_PORT,
  apiEnvironment,
  databaseEnvironment,
  queueEnvironment,
  WORKER_PORT,
  workerEnvironment,
} from './environment.ts';
import type { LogGroups } from './log-groups.ts';
import {
  addTaskRole,
  apiPermissions,
  auditPermissions,
  mayReadSecrets,
  operatorPermissions,
  workerPermissions,
} from './roles.ts';
import { addTask, migrateFirst, type Task, type TaskOptions } from './task.ts';

interface Parts {
  media: MediaStack;
  database: Database;
  logs: LogGroups;
}

/** What is run by hand: small, and without the secrets that are for the two services. */
const BY_HAND = { cpu: 256, memoryMiB: 512 };

/** Every role of the one image, each with its own permissions. */
export function addTasks(
  scope: Construct,
  settings: Settings,
  { media, database, logs }: Parts,
): { api: Task; worker: Task } {
  const { service } = settings;
  const image = containerImage(scope, service.image);
  const databaseSecret = database.secret.secretArn;
  const migrationEnvironment = databaseEnvironment(settings, database);
  const addMigrated = (id: string, options: TaskOptions) => {
    const task = addTask(scope, id, options);
    migrateFirst(task, options, migrationEnvironment);
    return task;
  };

  const api = addMigrated('Api', {
    settings: service,
    image,
    role: addTaskRole(scope, 'ApiRole', 'Media API: the API', [
      ...apiPermissions(media),
      mayReadSecrets(databaseSecret, media.signingKey.privateKeySecretArn),
    ]),
    logs: logs.api,
    size: service.api,
    entry: 'dist/start/api.js',
    environment: apiEnvironment(settings, media, database),
    port: API_PORT,
    liveness: { port: API_PORT, path: '/api/health/liveness' },
  });
  const worker = addMigrated('Worker', {
    settings: service,
    image,
    role: addTaskRole(scope, 'WorkerRole', 'Media API: the worker', [
      ...workerPermissions(media),
      ...auditPermissions(media, service.worker.auditPrefixes),
      mayReadSecrets(databaseSecret),
    ]),
    logs: logs.worker,
    size: service.worker,
    entry: 'dist/start/worker.js',
    environment: workerEnvironment(settings, media, database),
    liveness: { port: WORKER_PORT, path: '/health/liveness' },
  });
  addTask(scope, 'Migration', {
    settings: { ...service, secrets: {} },
    image,
    role: addTaskRole(scope, 'MigrationRole', 'Media API: migrations that take long, by hand', [
      mayReadSecrets(databaseSecret),
    ]),
    logs: logs.operator,
    size: BY_HAND,
    entry: 'dist/start/migrate.js',
    environment: migrationEnvironment,
  });
  addTask(scope, 'Operator', {
    settings: { ...service, secrets: {} },
    image,
    role: addTaskRole(
      scope,
      'OperatorRole',
      'Media API: dead letters, by hand',
      operatorPermissions(media),
    ),
    logs: logs.operator,
    size: BY_HAND,
    entry: 'dist/start/dlq.js',
    environment: { AWS_REGION: settings.region, ...queueEnvironment(media) },
  });
  return { api, worker };
}
