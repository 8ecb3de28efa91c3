import path from 'node:path';
import { FOREIGN_AWS_VARIABLES } from '../src/local/foreign-aws-variables.ts';
import { readStackFile, type StackFile } from '../src/local/stack-file.ts';

const STATE_DIR = path.resolve(import.meta.dirname, '../.local');

/**
 * For commands of the service that an operator also wants to try on the local stack: unless one of
 * `variables` says where to work, the environment of this process becomes that of the stack that
 * runs in this checkout. Without a stack it is left as it is, and the command itself tells what it
 * misses.
 *
 * @param variables that say where to work, such as `DATABASE_URL`; the stack's are never mixed in
 */
export async function applyStackEnvironment(
  variables: readonly string[],
  stateDir: string = STATE_DIR,
): Promise<void> {
  if (variables.some((name) => process.env[name]?.trim())) return;
  const stack = await readStackFile(stateDir);
  if (stack === null) {
    process.stderr.write('No stack is running here (npm start runs one).\n');
    return;
  }
  for (const name of FOREIGN_AWS_VARIABLES) delete process.env[name];
  Object.assign(process.env, stackEnvironment(stack));
}

function stackEnvironment(stack: StackFile): Record<string, string> {
  return {
    DATABASE_URL: stack.database,
    AWS_REGION: stack.region,
    AWS_ACCESS_KEY_ID: stack.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: stack.s3,
    AWS_ENDPOINT_URL_SQS: stack.sqs,
    AWS_ENDPOINT_URL_CLOUDFRONT: stack.cloudfront,
    CLOUDFRONT_DISTRIBUTION_ID: stack.distributionId,
    S3_INPUT_BUCKET: stack.bucket,
    S3_FORCE_PATH_STYLE: 'true',
    SQS_MEDIA_QUEUE_URL: stack.queueUrl,
    SQS_MEDIA_DLQ_URL: stack.deadLetterQueueUrl,
  };
}
