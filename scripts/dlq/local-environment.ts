import { readStackFile } from '../../src/local/stack-file.ts';
import { describeError } from '../../src/shared/command.ts';
import { ConfigError } from '../../src/shared/config.ts';

const HOW =
  'start it with: npm start; or set SQS_MEDIA_QUEUE_URL, SQS_MEDIA_DLQ_URL and AWS_REGION';

/** Whether queues are meant that the caller names: one of the two is enough, and is never mixed. */
export function namesQueues(environment: NodeJS.ProcessEnv): boolean {
  const { SQS_MEDIA_QUEUE_URL: queue, SQS_MEDIA_DLQ_URL: deadLetters } = environment;
  return [queue, deadLetters].some((url) => url?.trim());
}

/** The environment for the stack that runs in this checkout. Throws ConfigError where none does. */
export async function forLocalStack(
  stateDir: string,
  environment: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const stack = await readStackFile(stateDir).catch((error: unknown) => {
    throw new ConfigError(`dlq: stack.json cannot be read (${describeError(error)}); ${HOW}`);
  });
  if (stack === null) throw new ConfigError(`dlq: no stack is running here; ${HOW}`);
  const { AWS_SESSION_TOKEN, AWS_PROFILE, AWS_DEFAULT_PROFILE, ...rest } = environment;
  return {
    ...rest,
    AWS_REGION: stack.region,
    AWS_ENDPOINT_URL_SQS: stack.sqs,
    AWS_ACCESS_KEY_ID: stack.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.credentials.secretAccessKey,
    SQS_MEDIA_QUEUE_URL: stack.queueUrl,
    SQS_MEDIA_DLQ_URL: stack.deadLetterQueueUrl,
  };
}
