import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { addLogKey } from '../encryption-key.ts';
import type { Settings } from '../settings/settings.ts';

export interface LogGroups {
  api: LogGroup;
  worker: LogGroup;
  operator: LogGroup;
  network: LogGroup;
}

/** A log group for each role, encrypted, and kept when the stack is deleted. */
export function addLogGroups(scope: Construct, { region, service }: Settings): LogGroups {
  const encryptionKey = addLogKey(scope, region);
  const add = (id: string) =>
    new LogGroup(scope, id, {
      encryptionKey,
      retention: service.logDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  return {
    api: add('ApiLogs'),
    worker: add('WorkerLogs'),
    operator: add('OperatorLogs'),
    network: add('NetworkLogs'),
  };
}
