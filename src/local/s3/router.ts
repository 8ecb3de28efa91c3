import { authenticate } from './authenticate.ts';
import type { Handler, ReceivedRequest, S3Context, S3Response } from './context.ts';
import type { Verifier } from './credential.ts';
import { notImplemented, S3Error } from './errors.ts';
import {
  createBucket,
  getLocation,
  getVersioning,
  headBucket,
  listBuckets,
  putVersioning,
} from './handlers-bucket.ts';
import { copyObject } from './handlers-copy.ts';
import { deleteObject, deleteObjects } from './handlers-delete.ts';
import { listObjectsV2, listObjectVersions } from './handlers-listing.ts';
import { postObject } from './handlers-post.ts';
import { getObject, headObject } from './handlers-read.ts';
import { deleteTagging, getTagging, putTagging } from './handlers-tagging.ts';
import { putObject } from './handlers-write.ts';

/** Query names that make a request one about something else than the object or listing itself. */
const SUBRESOURCES = [
  'abac',
  'accelerate',
  'acl',
  'analytics',
  'append',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
];

/** By method, level and subresource. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET service', listBuckets],
  ['PUT bucket', createBucket],
  ['HEAD bucket', headBucket],
  ['GET bucket', listObjectsV2],
  ['GET bucket versions', listObjectVersions],
  ['GET bucket location', getLocation],
  ['GET bucket versioning', getVersioning],
  ['PUT bucket versioning', putVersioning],
  ['POST bucket delete', deleteObjects],
  ['GET object', getObject],
  ['HEAD object', headObject],
  ['PUT object', putObject],
  ['PUT object copy', copyObject],
  ['DELETE object', deleteObject],
  ['GET object tagging', getTagging],
  ['PUT object tagging', putTagging],
  ['DELETE object tagging', deleteTagging],
]);

/** What S3 can do and this one cannot; any other method is a mistake of the caller's. */
const UNSUPPORTED = new Set(['DELETE bucket', 'POST object']);

function levelOf({ bucket, key }: ReceivedRequest): 'service' | 'bucket' | 'object' {
  if (bucket === '') return 'service';
  return key === '' ? 'bucket' : 'object';
}

function isForm(request: ReceivedRequest): boolean {
  const contentType = request.headers.get('content-type') ?? '';
  return (
    request.method === 'POST' &&
    levelOf(request) === 'bucket' &&
    /^multipart\/form-data/i.test(contentType) &&
    !request.query.has('delete')
  );
}

function findHandler(request: ReceivedRequest): Handler {
  const base = `${request.method} ${levelOf(request)}`;
  const subresources = SUBRESOURCES.filter((name) => request.query.has(name));
  if (request.method === 'PUT' && request.headers.has('x-amz-copy-source')) {
    subresources.push('copy');
  }
  const handler = HANDLERS.get([base, ...subresources].join(' '));
  if (handler !== undefined) return handler;
  const [subresource] = subresources;
  if (subresource !== undefined) throw notImplemented(`${base}?${subresource}`);
  if (UNSUPPORTED.has(base)) throw notImplemented(base);
  throw new S3Error('MethodNotAllowed', {
    details: { Method: request.method, ResourceType: levelOf(request).toUpperCase() },
  });
}

/**
 * Authenticates a request and does what it asks. `signed` is the request as it was sent, without
 * the headers that its query stands for.
 * @throws S3Error
 */
export async function route(
  context: S3Context,
  verifier: Verifier,
  request: ReceivedRequest,
  signed: Pick<ReceivedRequest, 'headers'>,
): Promise<S3Response> {
  if (isForm(request)) return postObject(context, request, verifier);
  const auth = authenticate({ ...request, ...signed }, verifier);
  return findHandler(request)(context, { ...request, auth });
}
