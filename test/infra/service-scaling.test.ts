import { beforeAll, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { makeSettings, synthesise } from './synthesise.ts';

let service: Template;

beforeAll(() => {
  ({ service } = synthesise(
    makeSettings({
      service: {
        api: { minTasks: 3, maxTasks: 30, cpuTargetPercent: 50 },
        worker: { minTasks: 2, maxTasks: 20, backlogPerTask: 40 },
      },
    }),
  ));
});

test('a roll-out never has fewer tasks than before, and is taken back when it fails', () => {
  service.resourceCountIs('AWS::ECS::Service', 2);
  service.allResourcesProperties('AWS::ECS::Service', {
    LaunchType: 'FARGATE',
    DeploymentConfiguration: {
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    },
  });
});

test('a deployment leaves the number of tasks to the scaling', () => {
  service.resourcePropertiesCountIs('AWS::ECS::Service', { DesiredCount: Match.anyValue() }, 0);
});

test('the API scales on CPU', () => {
  service.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 3,
    MaxCapacity: 30,
  });
  service.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 50,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ECSServiceAverageCPUUtilization',
      },
    },
  });
});

test('the worker scales on the messages that wait for each running task', () => {
  service.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 2,
    MaxCapacity: 20,
    ResourceId: {
      'Fn::Join': [
        '',
        Match.arrayWith([{ 'Fn::GetAtt': [Match.stringLikeRegexp('^WorkerService'), 'Name'] }]),
      ],
    },
  });
  const metric = (id: string, namespace: string, metricName: string) => ({
    Id: id,
    ReturnData: false,
    MetricStat: Match.objectLike({
      Metric: Match.objectLike({ Namespace: namespace, MetricName: metricName }),
    }),
  });
  service.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 40,
      CustomizedMetricSpecification: {
        Metrics: [
          metric('waiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible'),
          metric('running', 'ECS/ContainerInsights', 'RunningTaskCount'),
          Match.objectLike({ Expression: 'waiting / running', ReturnData: true }),
        ],
      },
    },
  });
  // Without it, nobody counts running tasks.
  service.hasResourceProperties('AWS::ECS::Cluster', {
    ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
  });
});

test('tasks of the API count once the load balancer can have found them ready', () => {
  service.hasResourceProperties('AWS::ECS::Service', {
    HealthCheckGracePeriodSeconds: 120,
    LoadBalancers: [Match.objectLike({ ContainerName: 'main', ContainerPort: 4000 })],
  });
  expect(Object.keys(service.findResources('AWS::ECS::Service'))).toHaveLength(2);
});
