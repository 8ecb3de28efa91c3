import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Duration } from 'aws-cdk-lib/core';
import type { MediaStack } from '../media/media-stack.ts';
import type { ServiceStack } from '../service/service-stack.ts';

/** Of the queues, the load balancer and the tasks; all in the region of the stacks. */
export function serviceMetrics(media: MediaStack, service: ServiceStack) {
  const { balancer, targets } = service.loadBalancer;
  const minute = { period: Duration.minutes(1) };
  const fiveMinutes = { period: Duration.minutes(5), statistic: Stats.SUM };
  return {
    deadLetters: media.deadLetters.metricApproximateNumberOfMessagesVisible({
      ...minute,
      label: 'dead letters',
      statistic: Stats.MAXIMUM,
    }),
    waiting: media.media.metricApproximateNumberOfMessagesVisible({
      ...minute,
      label: 'waiting',
      statistic: Stats.MAXIMUM,
    }),
    oldestMessage: media.media.metricApproximateAgeOfOldestMessage({
      ...minute,
      label: 'oldest message, s',
      statistic: Stats.MAXIMUM,
    }),
    requests: balancer.metrics.requestCount({ ...fiveMinutes, label: 'requests' }),
    responseTime: targets.metrics.targetResponseTime({
      period: Duration.minutes(5),
      statistic: Stats.p(95),
      label: 'response time, s (p95)',
    }),
    unhealthyTasks: targets.metrics.unhealthyHostCount({ ...minute, statistic: Stats.MAXIMUM }),
    serverErrors: new MathExpression({
      label: '5xx, % of requests',
      // Both kinds are absent while there are none, which is no reason to know nothing.
      expression: '100 * (FILL(fromApi, 0) + FILL(fromBalancer, 0)) / requests',
      period: Duration.minutes(5),
      usingMetrics: {
        fromApi: balancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, fiveMinutes),
        fromBalancer: balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, fiveMinutes),
        requests: balancer.metrics.requestCount(fiveMinutes),
      },
    }),
    apiCpu: service.api.metricCpuUtilization({ label: 'API CPU, %' }),
    workerCpu: service.worker.metricCpuUtilization({ label: 'worker CPU, %' }),
    workerMemory: service.worker.metricMemoryUtilization({ label: 'worker memory, %' }),
    freeStorage: service.database.instance?.metricFreeStorageSpace({ statistic: Stats.MINIMUM }),
  };
}

export type ServiceMetrics = ReturnType<typeof serviceMetrics>;
