import { assertSupportedHeaders, attributesOf } from './attributes.ts';
import type { Bytes } from './byte-reader.ts';
import { type Checksum, checksumMismatch, checksumOfHeaders, createDigest } from './checksums.ts';
import {
  eventsOf,
  type ReceivedRequest,
  type S3Context,
  type S3Response,
  xmlResponse,
} from './context.ts';
import type { Verifier } from './credential.ts';
import { S3Error } from './errors.ts';
import { versionHeaders } from './lookup.ts';
import { readForm } from './multipart-form.ts';
import type { StoredObject, Tags } from './object-version.ts';
import {
  assertPolicy,
  type LengthRange,
  parsePolicy,
  verifyPolicySignature,
} from './post-policy.ts';
import { uriEncode } from './sigv4.ts';
import { parseTaggingXml } from './tags.ts';
import { assertKeyLength } from './target.ts';
import { element, xmlDocument } from './xml.ts';

/** Fields that are part of the proof: replacing anything in them would only break it. */
const PROOF = new Set(['policy', 'x-amz-signature', 'x-amz-credential', 'x-amz-date']);

/**
 * Puts the file's name where fields say `${filename}`, before the policy is looked at (AWS docs,
 * "Creating a POST Policy": "all variables within the form are expanded prior to validating").
 */
function expandFields(
  fields: ReadonlyMap<string, string>,
  fileName: string,
  bucket: string,
): Map<string, string> {
  const expanded = new Map<string, string>();
  for (const [name, value] of fields) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is S3's placeholder
    expanded.set(name, PROOF.has(name) ? value : value.replaceAll('${filename}', () => fileName));
  }
  // The policy speaks of the bucket as of a field; what counts is where the form was sent.
  expanded.set('bucket', bucket);
  return expanded;
}

interface Received {
  readonly size: number;
  readonly md5: string;
}

/** @throws S3Error `EntityTooLarge` as soon as it is, `EntityTooSmall`, `BadDigest` */
async function receiveFile(
  content: Bytes,
  range: LengthRange,
  checksum: Checksum | undefined,
  write: (chunk: Buffer) => Promise<void>,
): Promise<Received> {
  const md5 = createDigest('MD5');
  const digest = checksum === undefined ? undefined : createDigest(checksum.algorithm);
  let size = 0;
  for (let next = await content.next(); next.done !== true; next = await content.next()) {
    size += next.value.length;
    if (size > range.max) {
      throw new S3Error('EntityTooLarge', {
        details: { ProposedSize: String(size), MaxSizeAllowed: String(range.max) },
      });
    }
    md5.update(next.value);
    digest?.update(next.value);
    await write(next.value);
  }
  if (size < range.min) {
    throw new S3Error('EntityTooSmall', {
      details: { ProposedSize: String(size), MinSizeAllowed: String(range.min) },
    });
  }
  if (checksum !== undefined && checksum.value !== digest?.finish()) {
    throw checksumMismatch(checksum.algorithm);
  }
  return { size, md5: Buffer.from(md5.finish(), 'base64').toString('hex') };
}

/** In a form, tags are an XML document in the field `tagging`. */
function tagsOf(fields: ReadonlyMap<string, string>): Tags {
  const xml = fields.get('tagging');
  return xml === undefined ? [] : parseTaggingXml(xml);
}

function redirectTarget(fields: ReadonlyMap<string, string>): URL | undefined {
  const text = fields.get('success_action_redirect') ?? fields.get('redirect') ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

function postResponse(
  fields: ReadonlyMap<string, string>,
  request: ReceivedRequest,
  key: string,
  version: StoredObject,
  headers: Readonly<Record<string, string>>,
): S3Response {
  const etag = `"${version.etag}"`;
  const redirect = redirectTarget(fields);
  if (redirect !== undefined) {
    redirect.searchParams.set('bucket', request.bucket);
    redirect.searchParams.set('key', key);
    redirect.searchParams.set('etag', etag);
    return { status: 303, headers: { ...headers, ETag: etag, Location: redirect.href } };
  }
  const host = request.headers.get('host') ?? '';
  const path = uriEncode(`${request.bucket}/${key}`).replaceAll('%2F', '/');
  const location = `http://${host}/${path}`;
  const answered = { ...headers, ETag: etag, Location: location };
  const status = fields.get('success_action_status');
  if (status !== '201') return { status: status === '200' ? 200 : 204, headers: answered };
  return xmlResponse(
    xmlDocument(
      element('PostResponse', [
        element('Location', location),
        element('Bucket', request.bucket),
        element('Key', key),
        element('ETag', etag),
      ]),
    ),
    answered,
    201,
  );
}

/** POST Object: an upload by an HTML form; its authorisation is the policy in the form. */
export async function postObject(
  context: S3Context,
  request: ReceivedRequest,
  verifier: Verifier,
): Promise<S3Response> {
  const bucket = context.store.bucket(request.bucket);
  const form = await readForm(request.body.chunks, request.headers.get('content-type') ?? '');
  const fields = expandFields(form.fields, form.file.fileName, bucket.name);
  verifyPolicySignature(fields, verifier);
  const range = assertPolicy(parsePolicy(fields.get('policy') ?? ''), fields, context.now());
  const key = fields.get('key') ?? '';
  if (key === '') {
    throw new S3Error('InvalidArgument', {
      message:
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      details: { ArgumentName: 'key', ArgumentValue: '' },
    });
  }
  assertKeyLength(key);
  const acl = fields.get('acl');
  const described = new Map(fields);
  if (acl !== undefined) described.set('x-amz-acl', acl);
  assertSupportedHeaders(described);
  const attributes = { ...attributesOf(described), tags: tagsOf(fields) };
  const checksum = checksumOfHeaders(fields);

  const receiving = await context.store.files.receive();
  try {
    const { size, md5 } = await receiveFile(form.file.content, range, checksum, receiving.write);
    await form.finish();
    await receiving.close();
    const version = context.store.put({
      bucket,
      key,
      draft: { size, etag: md5, attributes, checksum: checksum ?? null },
      contentPath: receiving.path,
      assertAllowed: () => undefined,
      eventsFor: eventsOf(context, { ...request, key }, 'ObjectCreated:Post'),
    });
    context.events.wake();
    return postResponse(fields, request, key, version, versionHeaders(bucket, version));
  } finally {
    await receiving.discard();
  }
}
