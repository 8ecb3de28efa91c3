import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { type Json, makeSettings, only, synthesise } from './synthesise.ts';

let service: Template;

beforeAll(() => {
  ({ service } = synthesise());
});

/** The rules of a security group, wherever they are written: `from 443 10.0.0.0/16`. */
function rulesOf(template: Template, group: string): string[] {
  const rules: string[] = [];
  const add = (way: string, rule: Json) => {
    const { CidrIp, SourceSecurityGroupId, DestinationSecurityGroupId, FromPort } = rule;
    const other = CidrIp ?? idOf(SourceSecurityGroupId ?? DestinationSecurityGroupId);
    rules.push(`${way} ${FromPort} ${other}`);
  };
  for (const [id, { Type, Properties }] of Object.entries(template.toJSON().Resources as Json) as [
    string,
    { Type: string; Properties: Record<string, Json[]> & { GroupId?: unknown } },
  ][]) {
    if (Type === 'AWS::EC2::SecurityGroup' && id.startsWith(group)) {
      for (const rule of Properties.SecurityGroupIngress ?? []) add('from', rule);
      for (const rule of Properties.SecurityGroupEgress ?? []) add('to', rule);
    }
    if (!idOf(Properties?.GroupId).startsWith(group)) continue;
    if (Type === 'AWS::EC2::SecurityGroupIngress') add('from', Properties);
    if (Type === 'AWS::EC2::SecurityGroupEgress') add('to', Properties);
  }
  return rules.sort();
}

function idOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [id = ''] = ((value as Json | undefined)?.['Fn::GetAtt'] as string[] | undefined) ?? [];
  return id.replace(/[0-9A-F]{8}$/, '');
}

describe('who may connect to whom', () => {
  test.each([
    [
      'LoadBalancer',
      ['from 443 10.20.0.0/16', 'from 80 10.20.0.0/16', 'to 4000 ApiServiceSecurityGroup'],
    ],
    [
      'ApiService',
      ['from 4000 LoadBalancerSecurityGroup', 'to 443 0.0.0.0/0', 'to 5432 DatabaseSecurityGroup'],
    ],
    ['WorkerService', ['to 443 0.0.0.0/0', 'to 5432 DatabaseSecurityGroup']],
    [
      'Database',
      [
        'from 5432 ApiServiceSecurityGroup',
        'from 5432 WorkerServiceSecurityGroup',
        'to 252 255.255.255.255/32', // CloudFormation's way to write "to nobody".
      ],
    ],
  ])('%s', (group, rules) => {
    expect(rulesOf(service, `${group}SecurityGroup`)).toEqual(rules);
  });

  test('Prometheus, when it is named', () => {
    const prometheusSecurityGroupId = 'sg-0a1b2c3d';
    const scraped = synthesise(makeSettings({ service: { prometheusSecurityGroupId } })).service;
    expect(rulesOf(scraped, 'ApiServiceSecurityGroup')).toContain('from 9464 sg-0a1b2c3d');
    expect(rulesOf(scraped, 'WorkerServiceSecurityGroup')).toContain('from 9465 sg-0a1b2c3d');
  });
});

describe('the load balancer', () => {
  test('takes HTTPS with the given certificate, and sends HTTP there', () => {
    service.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 2);
    service.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: Match.stringLikeRegexp('^arn:aws:acm:us-east-1:') }],
      SslPolicy: Match.stringLikeRegexp('TLS13-1-2'),
    });
    service.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [
        {
          Type: 'redirect',
          RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
        },
      ],
    });
  });

  test('asks whether a task is ready, and lets what runs finish before it ends', () => {
    service.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/api/health/readiness',
      Matcher: { HttpCode: '200' },
      TargetType: 'ip',
      TargetGroupAttributes: Match.arrayWith([
        { Key: 'deregistration_delay.timeout_seconds', Value: '25' },
      ]),
    });
  });

  test('hangs up before the API does, logs, cannot be deleted by mistake', () => {
    service.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'idle_timeout.timeout_seconds', Value: '60' },
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
      ]),
    });
  });

  test('is internal, or faces the internet when it is told to', () => {
    const scheme = (template: Template) =>
      only(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Scheme;
    expect(scheme(service)).toBe('internal');
    const facing = synthesise(makeSettings({ service: { internetFacing: true } })).service;
    expect(scheme(facing)).toBe('internet-facing');
    expect(rulesOf(facing, 'LoadBalancerSecurityGroup')).toContain('from 443 0.0.0.0/0');
  });
});

describe('the network', () => {
  test('has private subnets, one NAT gateway, S3 by itself, and logs what it refuses', () => {
    service.resourceCountIs('AWS::EC2::Subnet', 6);
    service.resourceCountIs('AWS::EC2::NatGateway', 1);
    service.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
    service.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.s3']] },
    });
    service.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'REJECT' });
    service.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
    });
  });

  test('has private addresses of other AWS services when that is wanted', () => {
    const { service: changed } = synthesise(
      makeSettings({ service: { network: { natGateways: 2, interfaceEndpoints: true } } }),
    );
    changed.resourceCountIs('AWS::EC2::NatGateway', 2);
    changed.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 5);
  });

  test('can be yours: then none is made', () => {
    const network = {
      vpcId: 'vpc-0a1b2c3d',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      privateSubnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'],
    };
    const { service: changed } = synthesise(
      makeSettings({ service: { network, allowedCidrs: ['10.0.0.0/8'] } }),
    );
    for (const type of ['VPC', 'Subnet', 'NatGateway', 'InternetGateway', 'VPCEndpoint']) {
      changed.resourceCountIs(`AWS::EC2::${type}`, 0);
    }
    changed.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: network.privateSubnetIds } },
    });
    expect(only(changed, 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(network.privateSubnetIds);
    expect(rulesOf(changed, 'LoadBalancerSecurityGroup')).toContain('from 443 10.0.0.0/8');
  });
});
