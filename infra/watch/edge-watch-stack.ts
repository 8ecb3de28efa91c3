import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MediaStack } from '../media/media-stack.ts';
import type { Settings } from '../settings/settings.ts';
import { addAlarmTopic, announce } from './alarm-topic.ts';
import { addBudget } from './budget.ts';
import { CDN_REGION, cdnMetrics } from './cdn-metrics.ts';

/**
 * The alarms of the CDN and its budget. In us-east-1 in any case: CloudFront's metrics are there, and an
 * alarm sees only the metrics of its own region.
 */
export function addEdgeWatchStack(
  scope: Construct,
  settings: Settings,
  media: MediaStack,
  options: { crossRegionReferences: boolean },
): Stack {
  const stack = new Stack(scope, `${settings.name}-edge-watch`, {
    description: 'Media API: alarms and budget of the CDN',
    env: { region: CDN_REGION },
    ...options,
  });
  addBudget(stack, settings);
  announce(addAlarmTopic(stack, settings.watch.emails), addAlarms(stack, settings, media));
  return stack;
}

/** Three periods of five minutes: a single slow answer at night is a high percentage of few. */
const LASTING = {
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

function addAlarms(scope: Construct, { watch }: Settings, media: MediaStack): Alarm[] {
  const metrics = cdnMetrics(media.distribution.distributionId);
  return [
    metrics.serverErrors.createAlarm(scope, 'CdnServerErrors', {
      ...LASTING,
      threshold: watch.serverErrorPercent,
      alarmDescription: `The CDN answers 5xx to more than ${watch.serverErrorPercent} % of requests`,
    }),
    metrics.originErrors.createAlarm(scope, 'OriginErrors', {
      ...LASTING,
      threshold: watch.serverErrorPercent,
      alarmDescription: 'The CDN gets no usable answer from S3 (502, 503, 504)',
    }),
    metrics.originLatency.createAlarm(scope, 'OriginLatency', {
      ...LASTING,
      threshold: watch.originLatencyMs,
      alarmDescription: `S3 takes over ${watch.originLatencyMs} ms for one in twenty cache misses`,
    }),
  ];
}
