import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { FargateService, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/**
 * Keeps the messages that wait for each running task at a number. The length of the queue alone would
 * not do: it does not fall in proportion when tasks are added, which is what target tracking reckons
 * with ("Scaling based on Amazon SQS", AWS). The division is metric math in the policy itself, so there
 * is nothing that has to publish a metric; the running tasks are Container Insights' count.
 */
export function scaleWithBacklog(
  scope: Construct,
  { service: { worker } }: Settings,
  parts: { cluster: ICluster; service: FargateService; queue: IQueue },
): void {
  const { cluster, service, queue } = parts;
  const target = new CfnScalableTarget(scope, 'WorkerScaling', {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: `service/${cluster.clusterName}/${service.serviceName}`,
    minCapacity: worker.minTasks,
    maxCapacity: worker.maxTasks,
  });
  new CfnScalingPolicy(scope, 'WorkerBacklog', {
    policyName: 'backlog-per-task',
    policyType: 'TargetTrackingScaling',
    scalingTargetId: target.ref,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: worker.backlogPerTask,
      scaleOutCooldown: 60,
      // A worker that ends gives its messages back; to add and remove by turns would repeat work.
      scaleInCooldown: 300,
      customizedMetricSpecification: {
        metrics: [
          metric('waiting', 'Sum', {
            namespace: 'AWS/SQS',
            metricName: 'ApproximateNumberOfMessagesVisible',
            dimensions: [{ name: 'QueueName', value: queue.queueName }],
          }),
          metric('running', 'Average', {
            namespace: 'ECS/ContainerInsights',
            metricName: 'RunningTaskCount',
            dimensions: [
              { name: 'ClusterName', value: cluster.clusterName },
              { name: 'ServiceName', value: service.serviceName },
            ],
          }),
          {
            id: 'backlog',
            label: 'Messages waiting for each running task',
            expression: 'waiting / running',
            returnData: true,
          },
        ],
      },
    },
  });
}

function metric(
  id: string,
  stat: string,
  of: CfnScalingPolicy.TargetTrackingMetricProperty,
): CfnScalingPolicy.TargetTrackingMetricDataQueryProperty {
  return { id, metricStat: { metric: of, stat }, returnData: false };
}
