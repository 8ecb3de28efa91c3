/** A queue in a process of its own, for tests that kill it. The URL of its queue goes to standard output. */
import { startSqs } from '../../src/local/sqs.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Usage: start-sqs.ts <data directory>');
const sqs = await startSqs({ dataDir, port: 0, region: 'eu-central-1' });
const { queueUrl } = await sqs.createQueueWithDeadLetters({
  name: 'media',
  deadLetterName: 'media-dlq',
  visibilityTimeoutSecs: 30,
  maxReceiveCount: 3,
});
process.stdout.write(queueUrl);
