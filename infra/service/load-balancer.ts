import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  DesyncMitigationMode,
  ListenerAction,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import { API_PORT } from './environment.ts';
import type { Network } from './network.ts';

export interface LoadBalancer {
  balancer: ApplicationLoadBalancer;
  securityGroup: SecurityGroup;
  targets: ApplicationTargetGroup;
}

/** HTTPS for the API; plain HTTP is only redirected. */
export function addLoadBalancer(
  scope: Construct,
  settings: Settings,
  { vpc, tasks, cidr }: Network,
): LoadBalancer {
  const { internetFacing, certificateArn, allowedCidrs } = settings.service;
  const securityGroup = new SecurityGroup(scope, 'LoadBalancerSecurityGroup', {
    vpc,
    description: 'Load balancer of the Media API',
    allowAllOutbound: false,
  });
  for (const range of allowedCidrs ?? [internetFacing || !cidr ? '0.0.0.0/0' : cidr]) {
    securityGroup.addIngressRule(Peer.ipv4(range), Port.tcp(443), 'HTTPS');
    securityGroup.addIngressRule(Peer.ipv4(range), Port.tcp(80), 'to be redirected');
  }
  const balancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    vpcSubnets: internetFacing ? { subnetType: SubnetType.PUBLIC } : tasks,
    internetFacing,
    securityGroup,
    // Less than the API keeps idle connections (65 s): it is the balancer that hangs up first.
    idleTimeout: Duration.seconds(60),
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
    deletionProtection: true,
  });
  balancer.logAccessLogs(addBalancerLogs(scope, settings), 'api');
  const targets = new ApplicationTargetGroup(scope, 'ApiTargets', {
    vpc,
    targetType: TargetType.IP,
    port: API_PORT,
    protocol: ApplicationProtocol.HTTP,
    healthCheck: {
      path: '/api/health/readiness',
      healthyHttpCodes: '200',
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      // ECS replaces a task that is unhealthy: a minute and a half, so that not every hiccup counts.
      unhealthyThresholdCount: 6,
    },
    // ECS waits for this before it tells the task to end: what is running finishes meanwhile.
    deregistrationDelay: Duration.seconds(settings.service.shutdownTimeoutSeconds),
  });
  balancer.addListener('Https', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [Certificate.fromCertificateArn(scope, 'ApiCertificate', certificateArn)],
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    open: false, // The security group above is what says who may connect.
    defaultAction: ListenerAction.forward([targets]),
  });
  balancer.addListener('Http', {
    port: 80,
    protocol: ApplicationProtocol.HTTP,
    open: false,
    defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
  });
  return { balancer, securityGroup, targets };
}

function addBalancerLogs(scope: Construct, settings: Settings): Bucket {
  return new Bucket(scope, 'LoadBalancerLogs', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED, // The only kind that load balancers can write to.
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { id: 'forget-logs', expiration: Duration.days(settings.media.accessLogDays) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
