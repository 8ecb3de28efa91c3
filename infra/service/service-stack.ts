import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, type FargateService } from 'aws-cdk-lib/aws-ecs';
import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { MediaStack } from '../media/media-stack.ts';
import type { Settings } from '../settings/settings.ts';
import { addDatabase, type Database } from './database.ts';
import { API_METRICS_PORT, WORKER_PORT } from './environment.ts';
import { addLoadBalancer, type LoadBalancer } from './load-balancer.ts';
import { addLogGroups, type LogGroups } from './log-groups.ts';
import { addNetwork } from './network.ts';
import { addApiService, addWorkerService } from './services.ts';
import { addTasks } from './tasks.ts';
import { scaleWithBacklog } from './worker-scaling.ts';

/** What the dashboard and the alarms look at. */
export interface ServiceStack {
  stack: Stack;
  loadBalancer: LoadBalancer;
  logs: LogGroups;
  database: Database;
  api: FargateService;
  worker: FargateService;
}

/** API and worker from one image, their database, and what they stand in. */
export function addServiceStack(
  scope: Construct,
  settings: Settings,
  media: MediaStack,
): ServiceStack {
  const { service } = settings;
  const stack = new Stack(scope, `${settings.name}-service`, {
    description: 'Media API: API, worker, database',
    env: { region: settings.region },
    terminationProtection: true,
  });
  const logs = addLogGroups(stack, settings);
  const network = addNetwork(stack, service.network, logs.network);
  const database = addDatabase(stack, service.database, network);
  const loadBalancer = addLoadBalancer(stack, settings, network);
  const cluster = new Cluster(stack, 'Cluster', {
    vpc: network.vpc,
    // The scaling of the worker counts its running tasks with it.
    containerInsightsV2: ContainerInsights.ENABLED,
  });
  const tasks = addTasks(stack, settings, { media, database, logs });
  const scrapedFrom =
    service.prometheusSecurityGroupId === undefined
      ? undefined
      : SecurityGroup.fromSecurityGroupId(stack, 'Prometheus', service.prometheusSecurityGroupId);
  const surroundings = { cluster, network, database };
  const api = addApiService(stack, settings, tasks.api, {
    ...surroundings,
    loadBalancer,
    metrics: { port: API_METRICS_PORT, scrapedFrom },
  });
  const worker = addWorkerService(stack, tasks.worker, {
    ...surroundings,
    metrics: { port: WORKER_PORT, scrapedFrom },
  });
  scaleWithBacklog(stack, settings, { cluster, service: worker, queue: media.media });

  new CfnOutput(stack, 'LoadBalancerDomain', { value: loadBalancer.balancer.loadBalancerDnsName });
  new CfnOutput(stack, 'DatabaseSecretArn', { value: database.secret.secretArn });
  new CfnOutput(stack, 'ClusterName', { value: cluster.clusterName });
  return { stack, loadBalancer, logs, database, api, worker };
}
