/** The local S3 in a process of its own, so that its work is nobody else's: `... DIRECTORY`. */
import { startLocalS3 } from '../src/local/s3/server.ts';
import { BUCKET, REGION } from './audit-messages.ts';

const [, , dataDir = ''] = process.argv;
const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
  process.env;
const s3 = await startLocalS3({
  dataDir,
  port: 0,
  region: REGION,
  credentials: { accessKeyId, secretAccessKey },
  corsOrigins: [],
  onProblem: console.error,
});
await s3.createBucket(BUCKET);
process.on('message', () => void s3.close().then(() => process.disconnect()));
process.send?.(s3.url);
