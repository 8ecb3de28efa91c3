import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MediaStack } from '../media/media-stack.ts';
import type { ServiceStack } from '../service/service-stack.ts';
import type { Settings } from '../settings/settings.ts';
import { addAlarmTopic, announce } from './alarm-topic.ts';
import { CDN_REGION, cdnMetrics } from './cdn-metrics.ts';
import { addDashboard } from './dashboard.ts';
import { addIngestFunnel } from './ingest-funnel.ts';
import { addServiceAlarms } from './service-alarms.ts';
import { serviceMetrics } from './service-metrics.ts';

/** Alarms of queues, API and database, and the dashboard of everything. */
export function addWatchStack(
  scope: Construct,
  settings: Settings,
  media: MediaStack,
  service: ServiceStack,
): Stack {
  const stack = new Stack(scope, `${settings.name}-watch`, {
    description: 'Media API: alarms, ingest funnel, dashboard',
    env: { region: settings.region },
  });
  const metrics = serviceMetrics(media, service);
  announce(addAlarmTopic(stack, settings.watch.emails), addServiceAlarms(stack, settings, metrics));
  addDashboard(stack, settings.name, {
    cdn: cdnMetrics(media.distribution.distributionId, CDN_REGION),
    funnel: addIngestFunnel(stack, `${settings.name}/ingest`, service.logs),
    service: metrics,
  });
  return stack;
}
