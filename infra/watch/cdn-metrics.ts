import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';

/** CloudFront publishes here, whatever the region of the stacks. */
export const CDN_REGION = 'us-east-1';

const PERIOD = Duration.minutes(5);

/**
 * The metrics of one distribution.
 *
 * @param region where they are looked at from another region, as a dashboard can; an alarm cannot
 */
export function cdnMetrics(distributionId: string, region?: string) {
  const metric = (metricName: string, label: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      label,
      statistic,
      period: PERIOD,
      dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
      region,
    });
  const originErrors = new MathExpression({
    label: 'origin errors (502, 503, 504), % of requests',
    expression: 'badGateway + unavailable + timeout',
    period: PERIOD,
    usingMetrics: {
      badGateway: metric('502ErrorRate', '502', Stats.AVERAGE),
      unavailable: metric('503ErrorRate', '503', Stats.AVERAGE),
      timeout: metric('504ErrorRate', '504', Stats.AVERAGE),
    },
  });
  return {
    hitRate: metric('CacheHitRate', 'hit ratio, %', Stats.AVERAGE),
    requests: metric('Requests', 'requests', Stats.SUM),
    bytes: metric('BytesDownloaded', 'bytes to viewers', Stats.SUM),
    serverErrors: metric('5xxErrorRate', '5xx, % of requests', Stats.AVERAGE),
    clientErrors: metric('4xxErrorRate', '4xx, % of requests', Stats.AVERAGE),
    originErrors,
    originLatency: metric('OriginLatency', 'origin latency, ms (p95)', Stats.p(95)),
  };
}
