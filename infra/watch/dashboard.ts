import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { cdnMetrics } from './cdn-metrics.ts';
import type { IngestFunnel } from './ingest-funnel.ts';
import type { ServiceMetrics } from './service-metrics.ts';

interface Sources {
  cdn: ReturnType<typeof cdnMetrics>;
  funnel: IngestFunnel;
  service: ServiceMetrics;
}

/** One page: what viewers get, what becomes of uploads, how the service fares. */
export function addDashboard(scope: Construct, name: string, sources: Sources): void {
  const { cdn, funnel, service } = sources;
  new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    defaultInterval: Duration.days(1),
    widgets: [
      [
        graph('CDN: hit ratio', { left: [cdn.hitRate], max: 100 }),
        graph('CDN: requests', { left: [cdn.requests], right: [cdn.bytes] }),
        graph('CDN: errors, origin', {
          left: [cdn.serverErrors, cdn.clientErrors, cdn.originErrors],
          right: [cdn.originLatency],
        }),
      ],
      [
        new SingleValueWidget({
          title: 'Ingest: URL asked for, ready, failed',
          metrics: [funnel.asked, funnel.ready, funnel.failed],
          setPeriodToTimeRange: true,
          width: 8,
          height: 6,
        }),
        graph('Ingest over time', { left: [funnel.asked, funnel.ready, funnel.failed] }),
        graph('Queue', {
          left: [service.waiting, service.deadLetters],
          right: [service.oldestMessage],
        }),
      ],
      [
        graph('API: requests', { left: [service.requests], right: [service.responseTime] }),
        graph('API: 5xx', { left: [service.serverErrors] }),
        graph('Tasks', {
          left: [service.apiCpu, service.workerCpu, service.workerMemory],
          max: 100,
        }),
      ],
    ],
  });
}

interface Lines {
  left: IMetric[];
  right?: IMetric[];
  /** Of the left axis, which always starts at 0. */
  max?: number;
}

function graph(title: string, { left, right, max }: Lines): IWidget {
  return new GraphWidget({ title, left, right, leftYAxis: { min: 0, max }, width: 8, height: 6 });
}
