/** The local S3 in a process of its own, so that its work is nobody else's: `... DIRECTORY`. */
import { Server } from 'node:http';
import { startLocalS3 } from '../../src/local/s3/server.ts';
import { BUCKET, REGION, type StoreCommand } from './messages.ts';

const [, , dataDir = ''] = process.argv;
const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
  process.env;

let delayMs = 0;
const emit = Server.prototype.emit;
/** A real bucket is some way off. The local S3 knows nothing of that: the server is late instead. */
Server.prototype.emit = function emitLate(this: Server, event: string, ...values: unknown[]) {
  const now = () => Reflect.apply(emit, this, [event, ...values]);
  if (event !== 'request' || delayMs === 0) return now();
  setTimeout(now, delayMs);
  return true;
};

const s3 = await startLocalS3({
  dataDir,
  port: 0,
  region: REGION,
  credentials: { accessKeyId, secretAccessKey },
  corsOrigins: [],
  onProblem: console.error,
});
await s3.createBucket(BUCKET);

async function handle(command: StoreCommand): Promise<void> {
  if (command === 'stop') {
    await s3.close();
    process.disconnect();
    return;
  }
  delayMs = command.delayMs;
  process.send?.('set');
}
process.on('message', (command: StoreCommand) => void handle(command));
process.send?.(s3.url);
