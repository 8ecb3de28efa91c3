import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct, IDependable } from 'constructs';

const MAX_RECEIVES = 3;

const common = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.RETAIN,
} as const;

export interface Queues {
  media: Queue;
  deadLetters: Queue;
  /** The bucket's right to send, which has to exist before the bucket's notification. */
  bucketMaySend: IDependable;
}

/** The queue of the bucket's events and its dead-letter queue. */
export function addQueues(
  scope: Construct,
  options: { bucketArn: string; workerVisibilitySeconds: number },
): Queues {
  const deadLetters = new Queue(scope, 'DeadLetters', {
    ...common,
    retentionPeriod: Duration.days(14),
  });
  const media = new Queue(scope, 'MediaEvents', {
    ...common,
    // The worker asks for its own at each receive and renews it; this is for whoever does not.
    visibilityTimeout: Duration.seconds(2 * options.workerVisibilitySeconds),
    // Shorter than the dead letters': a message that is moved does not become younger.
    retentionPeriod: Duration.days(4),
    receiveMessageWaitTime: Duration.seconds(20),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
  });
  return { media, deadLetters, bucketMaySend: letBucketSend(media, options.bucketArn) };
}

/** The account as well: the name of a deleted bucket may become another account's. */
function letBucketSend(queue: Queue, bucketArn: string): IDependable {
  const { policyDependable } = queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'MediaBucketSendsEvents',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': bucketArn },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
  if (policyDependable === undefined) throw new Error('the queue has no policy of its own');
  return policyDependable;
}
