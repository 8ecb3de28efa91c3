import { type Bucket, currentVersion } from './bucket.ts';
import { checksumOfHeaders } from './checksums.ts';
import { assertMatches } from './conditions.ts';
import { type Handler, type S3Context, xmlResponse } from './context.ts';
import { S3Error } from './errors.ts';
import { findVersion } from './lookup.ts';
import { readSmallBody } from './payload.ts';
import { assertKeyLength } from './target.ts';
import { element, resultDocument, type Xml } from './xml.ts';
import { childrenOf, parseXml, textOf, type XmlNode } from './xml-body.ts';

/** AWS docs, "DeleteObjects". */
const MAX_KEYS = 1000;

interface Deletion {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

interface Deleted {
  /** Of the delete marker that was made, or of the version that was removed. */
  readonly versionId: string | undefined;
  readonly marker: boolean;
}

/** AWS docs, "Deleting object versions from a versioning-enabled bucket". */
function deleteOne({ store }: S3Context, bucket: Bucket, deletion: Deletion): Deleted {
  const { key, versionId } = deletion;
  const current = currentVersion(bucket, key);
  assertMatches(deletion.ifMatch, key, current);
  if (versionId !== undefined) {
    const version = findVersion(bucket, key, versionId);
    if (version !== undefined) store.remove(bucket, key, version);
    return { versionId, marker: version?.kind === 'marker' };
  }
  if (bucket.versioned) {
    return { versionId: store.addDeleteMarker(bucket, key).versionId, marker: true };
  }
  if (current !== undefined) store.remove(bucket, key, current);
  return { versionId: undefined, marker: false };
}

/** DeleteObject */
export const deleteObject: Handler = (context, request) => {
  const bucket = context.store.bucket(request.bucket);
  const { versionId, marker } = deleteOne(context, bucket, {
    key: request.key,
    versionId: request.query.get('versionId'),
    ifMatch: request.headers.get('if-match'),
  });
  return {
    status: 204,
    headers: {
      ...(versionId === undefined || !bucket.versioned ? {} : { 'x-amz-version-id': versionId }),
      ...(marker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};

function parseDeletion(node: XmlNode): Deletion {
  const key = textOf(node, 'Key');
  if (key === undefined || key === '') throw new S3Error('MalformedXML');
  return { key, versionId: textOf(node, 'VersionId'), ifMatch: textOf(node, 'ETag') };
}

/** Each key fails for itself; a fault of ours is told as `InternalError`, without its text. */
function deleteForReport(context: S3Context, bucket: Bucket, deletion: Deletion): Xml {
  const { key, versionId } = deletion;
  const asked = versionId === undefined ? [] : [element('VersionId', versionId)];
  try {
    assertKeyLength(key);
    const deleted = deleteOne(context, bucket, deletion);
    const markerId = deleted.marker ? deleted.versionId : undefined;
    return element('Deleted', [
      element('Key', key),
      ...asked,
      ...(markerId === undefined
        ? []
        : [element('DeleteMarker', true), element('DeleteMarkerVersionId', markerId)]),
    ]);
  } catch (error) {
    const refusal = error instanceof S3Error ? error : new S3Error('InternalError');
    return element('Error', [
      element('Key', key),
      ...asked,
      element('Code', refusal.code),
      element('Message', refusal.message),
    ]);
  }
}

/** DeleteObjects */
export const deleteObjects: Handler = async (context, request) => {
  const bucket = context.store.bucket(request.bucket);
  const { headers } = request;
  const summed =
    headers.has('content-md5') ||
    headers.has('x-amz-trailer') ||
    checksumOfHeaders(headers) !== undefined;
  if (!summed) {
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5',
    });
  }
  const root = parseXml(await readSmallBody(request), 'Delete');
  const deletions = childrenOf(root, 'Object').map(parseDeletion);
  if (deletions.length === 0 || deletions.length > MAX_KEYS) throw new S3Error('MalformedXML');
  const quiet = textOf(root, 'Quiet') === 'true';
  const report = deletions.map((deletion) => deleteForReport(context, bucket, deletion));
  return xmlResponse(
    resultDocument(
      'DeleteResult',
      quiet ? report.filter(({ xml }) => xml.startsWith('<Error>')) : report,
    ),
  );
};
