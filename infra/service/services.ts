import { type ISecurityGroup, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  type Cluster,
  FargateService,
  type FargateServiceProps,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import type { Database } from './database.ts';
import { API_PORT } from './environment.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import type { Task } from './task.ts';

interface Parts {
  cluster: Cluster;
  network: Network;
  database: Database;
  /** Where this service's metrics are, and who may scrape them. */
  metrics: { port: number; scrapedFrom: ISecurityGroup | undefined };
}

/** The API: as many tasks as the CPU asks for, each behind the load balancer once it is ready. */
export function addApiService(
  scope: Construct,
  { service: settings }: Settings,
  task: Task,
  parts: Parts & { loadBalancer: LoadBalancer },
): FargateService {
  const { loadBalancer } = parts;
  const service = addService(scope, 'ApiService', task, parts, {
    // Migration, start, and the first database connection, on a bad day.
    healthCheckGracePeriod: Duration.seconds(120),
  });
  service.attachToApplicationTargetGroup(loadBalancer.targets);
  service.connections.allowFrom(loadBalancer.securityGroup, Port.tcp(API_PORT), 'load balancer');
  service
    .autoScaleTaskCount({ minCapacity: settings.api.minTasks, maxCapacity: settings.api.maxTasks })
    .scaleOnCpuUtilization('Cpu', {
      targetUtilizationPercent: settings.api.cpuTargetPercent,
      scaleOutCooldown: Duration.seconds(60),
      scaleInCooldown: Duration.seconds(300),
    });
  return service;
}

/** The worker: nobody connects to it but Prometheus. */
export function addWorkerService(scope: Construct, task: Task, parts: Parts): FargateService {
  return addService(scope, 'WorkerService', task, parts);
}

function addService(
  scope: Construct,
  id: string,
  { definition }: Task,
  { cluster, network, database, metrics }: Parts,
  more: Partial<FargateServiceProps> = {},
): FargateService {
  const securityGroup = new SecurityGroup(scope, `${id}SecurityGroup`, {
    vpc: network.vpc,
    description: `Media API: ${id}`,
    allowAllOutbound: false,
  });
  securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS services');
  securityGroup.addEgressRule(database.securityGroup, database.port, 'database');
  database.securityGroup.addIngressRule(securityGroup, database.port, id);
  if (metrics.scrapedFrom) {
    securityGroup.addIngressRule(metrics.scrapedFrom, Port.tcp(metrics.port), 'metrics');
  }
  const service = new FargateService(scope, id, {
    // No desired count: each deployment would undo what the scaling has done since the last.
    cluster,
    taskDefinition: definition,
    vpcSubnets: network.tasks,
    assignPublicIp: false,
    securityGroups: [securityGroup],
    // No step of a roll-out has fewer tasks than before it; one that does not come up is taken back.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    enableECSManagedTags: true,
    propagateTags: PropagatedTagSource.SERVICE,
    ...more,
  });
  // Or the first tasks start before they may pull their image or reach the database.
  service.node.addDependency(securityGroup, database.securityGroup);
  if (definition.executionRole) service.node.addDependency(definition.executionRole);
  return service;
}
