import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

const ECR =
  /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(?<name>[^:@]+)[:@](?<version>.+)$/;

/** An image of ECR, which tasks then may pull from that repository alone; or of any other registry. */
export function containerImage(scope: Construct, reference: string): ContainerImage {
  const { account, region, name, version } = ECR.exec(reference)?.groups ?? {};
  if (!name || !version) return ContainerImage.fromRegistry(reference);
  const repository = Repository.fromRepositoryAttributes(scope, 'Repository', {
    repositoryName: name,
    repositoryArn: `arn:${Aws.PARTITION}:ecr:${region}:${account}:repository/${name}`,
  });
  return ContainerImage.fromEcrRepository(repository, version);
}
