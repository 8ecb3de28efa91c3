import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

export interface IngestFunnel {
  asked: Metric;
  ready: Metric;
  failed: Metric;
}

/**
 * How many ingest URLs were handed out, and what became of them, counted from the log events
 * (docs/observability.md): CloudWatch knows nothing of the service's Prometheus metrics.
 */
export function addIngestFunnel(
  scope: Construct,
  namespace: string,
  logs: { api: ILogGroup; worker: ILogGroup },
): IngestFunnel {
  const event = FilterPattern.stringValue;
  const settled = event('$.msg', '=', 'image.status_changed');
  const count = (
    name: string,
    label: string,
    logGroup: ILogGroup,
    pattern: ReturnType<typeof event>,
  ) =>
    new MetricFilter(scope, name, {
      logGroup,
      filterPattern: pattern,
      metricNamespace: namespace,
      metricName: name,
      metricValue: '1',
      defaultValue: 0,
    }).metric({ label, statistic: Stats.SUM, period: Duration.minutes(5) });
  return {
    asked: count(
      'IngestUrlsCreated',
      'asked for',
      logs.api,
      event('$.msg', '=', 'ingest.url_created'),
    ),
    ready: count(
      'ImagesReady',
      'ready',
      logs.worker,
      FilterPattern.all(settled, event('$.to', '=', 'ready')),
    ),
    failed: count(
      'ImagesFailed',
      'failed',
      logs.worker,
      FilterPattern.all(settled, event('$.to', '=', 'failed')),
    ),
  };
}
