import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import type { ServiceMetrics } from './service-metrics.ts';

const ABOVE = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

const GIB = 2 ** 30;

/** What somebody has to look at; docs/infrastructure.md says how. */
export function addServiceAlarms(
  scope: Construct,
  { watch }: Settings,
  metrics: ServiceMetrics,
): Alarm[] {
  const alarms = [
    metrics.deadLetters.createAlarm(scope, 'DeadLetters', {
      ...ABOVE,
      threshold: 0,
      evaluationPeriods: 1,
      alarmDescription: 'An upload could not be handled: docs/dead-letters.md',
    }),
    metrics.oldestMessage.createAlarm(scope, 'OldestMessage', {
      ...ABOVE,
      threshold: watch.oldestMessageSeconds,
      evaluationPeriods: 1,
      alarmDescription: `An upload has been waiting for over ${watch.oldestMessageSeconds} seconds`,
    }),
    metrics.serverErrors.createAlarm(scope, 'ApiServerErrors', {
      ...ABOVE,
      threshold: watch.serverErrorPercent,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      alarmDescription: `The API answers 5xx to more than ${watch.serverErrorPercent} % of requests`,
    }),
    metrics.unhealthyTasks.createAlarm(scope, 'ApiUnhealthy', {
      ...ABOVE,
      threshold: 0,
      evaluationPeriods: 5,
      alarmDescription: 'A task of the API is not ready, for five minutes: is the database away?',
    }),
  ];
  if (metrics.freeStorage === undefined) return alarms;
  const storage = metrics.freeStorage.createAlarm(scope, 'DatabaseStorage', {
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.MISSING,
    threshold: 2 * GIB,
    evaluationPeriods: 3,
    alarmDescription: 'The database has less than 2 GiB left and does not grow any more',
  });
  return [...alarms, storage];
}
