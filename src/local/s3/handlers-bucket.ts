import { type Handler, type S3Request, xmlResponse } from './context.ts';
import { notImplemented, S3Error } from './errors.ts';
import { readSmallBody } from './payload.ts';
import { element, resultDocument } from './xml.ts';
import { parseXml, textOf } from './xml-body.ts';

/** The region whose name S3 leaves out, and where making one's own bucket again is no error. */
const CLASSIC_REGION = 'us-east-1';

/**
 * AWS docs, "General purpose bucket naming rules".
 * @throws S3Error `InvalidBucketName`
 */
export function assertBucketName(name: string): void {
  const isValid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!isValid) throw new S3Error('InvalidBucketName', { details: { BucketName: name } });
}

/** ListBuckets */
export const listBuckets: Handler = ({ store }, { query }) => {
  for (const name of ['max-buckets', 'continuation-token']) {
    if (query.has(name)) throw notImplemented(`${name} of ListBuckets`);
  }
  const prefix = query.get('prefix') ?? '';
  const buckets = store
    .buckets()
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return xmlResponse(
    resultDocument('ListAllMyBucketsResult', [
      element('Owner', [element('ID', 'local'), element('DisplayName', 'local')]),
      element(
        'Buckets',
        buckets.map(({ name, createdAt }) =>
          element('Bucket', [
            element('Name', name),
            element('CreationDate', new Date(createdAt).toISOString()),
          ]),
        ),
      ),
    ]),
  );
};

async function assertLocation(request: S3Request, region: string): Promise<void> {
  const body = await readSmallBody(request);
  if (body.trim() === '') return;
  const wanted = textOf(parseXml(body, 'CreateBucketConfiguration'), 'LocationConstraint');
  if (wanted === undefined || wanted === region) return;
  throw new S3Error('IllegalLocationConstraintException', {
    message: `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  });
}

/** CreateBucket */
export const createBucket: Handler = async (context, request) => {
  const { store, region } = context;
  const name = request.bucket;
  assertBucketName(name);
  if (request.headers.has('x-amz-bucket-object-lock-enabled')) throw notImplemented('object lock');
  await assertLocation(request, region);
  if (store.buckets().some((bucket) => bucket.name === name) && region !== CLASSIC_REGION) {
    throw new S3Error('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  }
  store.createBucket(name, false);
  return { status: 200, headers: { Location: `/${name}` } };
};

/** HeadBucket */
export const headBucket: Handler = ({ store, region }, { bucket }) => {
  store.bucket(bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': region } };
};

/** GetBucketLocation */
export const getLocation: Handler = ({ store, region }, { bucket }) => {
  store.bucket(bucket);
  return xmlResponse(resultDocument('LocationConstraint', region === CLASSIC_REGION ? '' : region));
};

/** GetBucketVersioning: empty for a bucket that never had it. */
export const getVersioning: Handler = ({ store }, { bucket }) => {
  const { versioned } = store.bucket(bucket);
  const status = versioned ? [element('Status', 'Enabled')] : [];
  return xmlResponse(resultDocument('VersioningConfiguration', status));
};

/** PutBucketVersioning: once enabled it stays; suspending is not implemented. */
export const putVersioning: Handler = async ({ store }, request) => {
  store.bucket(request.bucket);
  const body = await readSmallBody(request);
  const status = textOf(parseXml(body, 'VersioningConfiguration'), 'Status');
  if (status === 'Suspended') throw notImplemented('suspended versioning');
  if (status !== 'Enabled') throw new S3Error('MalformedXML');
  store.createBucket(request.bucket, true);
  return { status: 200 };
};
