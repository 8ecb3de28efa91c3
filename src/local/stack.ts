import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { keepDatabase } from './database-keeper.ts';
import { loadIdentity } from './identity.ts';
import {
  BUCKET,
  DISTRIBUTION_ID,
  type Ports,
  REGION,
  startCdn,
  startCdnControl,
  startObjects,
  startQueues,
} from './parts.ts';
import {
  adminToken,
  apiMetricsUrl,
  apiUrl,
  cloudfrontUrl,
  edgeUrl,
  serviceEnvironment,
  workerHealthUrl,
} from './service-environment.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';
import { type StackFile, stackFilePath, writeStackFile } from './stack-file.ts';

export interface StackOptions {
  stateDir: string;
  ports: Ports;
  /** Told of what goes wrong in the stack itself, by part. */
  onProblem: (part: string, error: unknown) => void;
  onProgress: (what: string) => void;
}

export interface Stack {
  file: StackFile;
  /** Stops everything, the service first. */
  stop(): Promise<void>;
  /** Ends the service's processes at once. */
  kill(): void;
}

/** Starts the whole stack and writes `stack.json`. What was started is stopped when a part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateDir, ports, onProblem, onProgress } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    await makeStateDirectory(stateDir);
    const identity = await loadIdentity(stateDir);

    onProgress('PostgreSQL');
    const database = await keepDatabase(stateDir, ports.postgres, onProblem);
    stops.push(() => database.stop());

    onProgress('queue');
    const queues = await startQueues(stateDir, ports.sqs);
    stops.push(() => queues.sqs.close());

    onProgress('S3');
    const parts = { stateDir, ports, identity, onProblem };
    const s3 = await startObjects(parts, queues);
    stops.push(() => s3.close());

    onProgress('edge');
    const edge = await startCdn(parts, s3);
    stops.push(() => edge.close());
    const control = await startCdnControl(parts, edge);
    stops.push(() => control.close());

    onProgress('API and worker');
    const env = serviceEnvironment({
      identity,
      ports,
      databaseUrl: database.url,
      queues,
      s3Url: s3.url,
    });
    const services = await startServices(stateDir, env, onProblem, stops);

    const file: StackFile = {
      api: apiUrl(ports),
      graphql: `${apiUrl(ports)}/graphql`,
      apiMetrics: apiMetricsUrl(ports),
      workerHealth: workerHealthUrl(ports),
      edge: edgeUrl(ports),
      cloudfront: cloudfrontUrl(ports),
      distributionId: DISTRIBUTION_ID,
      s3: s3.url,
      sqs: queues.sqs.url,
      database: database.url,
      region: REGION,
      bucket: BUCKET,
      queueUrl: queues.queueUrl,
      deadLetterQueueUrl: queues.deadLetterQueueUrl,
      credentials: identity.credentials,
      keyPairId: identity.keyPairId,
      adminToken: adminToken(identity),
      publicKey: identity.publicKey,
      pid: process.pid,
    };
    await writeStackFile(stateDir, file);
    stops.push(() => rm(stackFilePath(stateDir), { force: true }));
    return { file, stop, kill: () => services.forEach((service) => void service.kill()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Nobody else may list what is in it; passing through is allowed, because PostgreSQL, which refuses
 * to run as root, runs as another user then. Secrets have their own, narrower modes.
 */
async function makeStateDirectory(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  await mkdir(path.join(stateDir, 'logs'), { recursive: true, mode: 0o700 });
}

/** The service's own processes, as in production: nothing but their environment is local. */
async function startServices(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  onProblem: StackOptions['onProblem'],
  stops: (() => Promise<void>)[],
): Promise<ServiceProcess[]> {
  const start = async (name: string, entry: URL, readyEvent: string) => {
    const service = await startServiceProcess({
      name,
      entry,
      env,
      readyEvent,
      logFile: path.join(stateDir, 'logs', `${name}.log`),
      onCrash: (part, status) =>
        onProblem(part, new Error(`ended with ${status}; starting it again`)),
    });
    stops.push(() => service.stop());
    return service;
  };
  return Promise.all([
    start('api', new URL('../start/api.ts', import.meta.url), 'api.listening'),
    start('worker', new URL('../start/worker.ts', import.meta.url), 'worker.started'),
  ]);
}
