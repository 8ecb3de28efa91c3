import type { Bucket } from './bucket.ts';
import { type Handler, type S3Context, type S3Request, xmlResponse } from './context.ts';
import { findObject, versionHeaders } from './lookup.ts';
import type { StoredObject } from './object-version.ts';
import { readSmallBody } from './payload.ts';
import { parseTaggingXml, tagSet } from './tags.ts';
import { resultDocument } from './xml.ts';

function find(context: S3Context, request: S3Request): { bucket: Bucket; object: StoredObject } {
  const bucket = context.store.bucket(request.bucket);
  return { bucket, object: findObject(bucket, request.key, request.query.get('versionId')) };
}

/** GetObjectTagging */
export const getTagging: Handler = (context, request) => {
  const { bucket, object } = find(context, request);
  return xmlResponse(
    resultDocument('Tagging', [tagSet(object.attributes.tags)]),
    versionHeaders(bucket, object),
  );
};

/** PutObjectTagging */
export const putTagging: Handler = async (context, request) => {
  find(context, request);
  const tags = parseTaggingXml(await readSmallBody(request));
  // Looked up again: the object may have gone while the body came in.
  const { bucket, object } = find(context, request);
  context.store.setTags(bucket, request.key, object, tags);
  return { status: 200, headers: versionHeaders(bucket, object) };
};

/** DeleteObjectTagging */
export const deleteTagging: Handler = (context, request) => {
  const { bucket, object } = find(context, request);
  context.store.setTags(bucket, request.key, object, []);
  return { status: 204, headers: versionHeaders(bucket, object) };
};
