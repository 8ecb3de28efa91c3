import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { NetworkSettings } from '../settings/settings.ts';

export interface Network {
  vpc: IVpc;
  /** Tasks, and a load balancer that does not face the internet; with a way out. */
  tasks: SubnetSelection;
  /** The database; without a way out, where the network is ours. */
  database: SubnetSelection;
  /** The range of the VPC; undefined for one of yours. */
  cidr: string | undefined;
}

/** The network that the settings name, or one of its own. Nothing is looked up in an account. */
export function addNetwork(
  scope: Construct,
  settings: NetworkSettings,
  flowLogs: ILogGroup,
): Network {
  if ('vpcId' in settings) {
    const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
      vpcId: settings.vpcId,
      availabilityZones: settings.availabilityZones,
      privateSubnetIds: settings.privateSubnetIds,
      publicSubnetIds: settings.publicSubnetIds,
    });
    const tasks = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
    return { vpc, tasks, database: tasks, cidr: undefined };
  }
  const vpc = new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr(settings.cidr),
    maxAzs: 2,
    natGateways: settings.natGateways,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 24 },
      { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      { name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
    // Free, and keeps every image that the worker reads off the NAT gateway's bill.
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  vpc.addFlowLog('Refused', {
    destination: FlowLogDestination.toCloudWatchLogs(flowLogs),
    trafficType: FlowLogTrafficType.REJECT,
  });
  const tasks = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  if (settings.interfaceEndpoints) addInterfaceEndpoints(vpc, tasks);
  return {
    vpc,
    tasks,
    database: { subnetType: SubnetType.PRIVATE_ISOLATED },
    cidr: settings.cidr,
  };
}

/** What tasks call all day. CloudFront's API has no endpoint, so a NAT gateway stays in any case. */
function addInterfaceEndpoints(vpc: Vpc, subnets: SubnetSelection): void {
  const services = {
    Sqs: InterfaceVpcEndpointAwsService.SQS,
    Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    EcrApi: InterfaceVpcEndpointAwsService.ECR,
    EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  };
  for (const [name, service] of Object.entries(services)) {
    vpc.addInterfaceEndpoint(name, { service, subnets });
  }
}
