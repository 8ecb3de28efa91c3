import { assertSupportedHeaders, attributesOf } from './attributes.ts';
import { checksumHeaderName } from './checksums.ts';
import { assertWritable } from './conditions.ts';
import { eventsOf, type Handler, type S3Request } from './context.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { versionHeaders } from './lookup.ts';
import { expectPayload } from './payload.ts';

/** AWS docs, "Uploading objects": the largest single PUT, 5 GiB. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** @throws S3Error `MissingContentLength`, `EntityTooLarge` */
function assertLength({ headers }: S3Request): void {
  const length = headers.get('content-length') ?? headers.get('x-amz-decoded-content-length');
  if (length === undefined) throw new S3Error('MissingContentLength');
  if (Number(length) > MAX_PUT_BYTES) {
    throw new S3Error('EntityTooLarge', {
      details: { ProposedSize: length, MaxSizeAllowed: String(MAX_PUT_BYTES) },
    });
  }
}

/** @throws S3Error `InvalidArgument` */
export function assertNoVersionId({ query }: S3Request): void {
  const versionId = query.get('versionId');
  if (versionId !== undefined) {
    throw invalidArgument('This operation does not accept a version-id.', 'versionId', versionId);
  }
}

/** PutObject */
export const putObject: Handler = async (context, request) => {
  const { headers, key } = request;
  const bucket = context.store.bucket(request.bucket);
  assertNoVersionId(request);
  assertSupportedHeaders(headers);
  assertLength(request);
  const attributes = attributesOf(headers);
  // Asked again when the content is here; a refusal now spares the sending of it.
  assertWritable(headers, key, bucket.versions.get(key)?.at(-1));
  const payload = expectPayload(headers, request.auth, request.body.chunks);

  const receiving = await context.store.files.receive();
  try {
    const facts = await payload.read(receiving.write);
    await receiving.close();
    const version = context.store.put({
      bucket,
      key,
      draft: { size: facts.size, etag: facts.md5, attributes, checksum: facts.checksum ?? null },
      contentPath: receiving.path,
      assertAllowed: (current) => assertWritable(headers, key, current),
      eventsFor: eventsOf(context, request, 'ObjectCreated:Put'),
    });
    context.events.wake();
    return {
      status: 200,
      headers: {
        ETag: `"${version.etag}"`,
        ...versionHeaders(bucket, version),
        ...attributes.encryption,
        ...(facts.checksum === undefined
          ? {}
          : {
              [checksumHeaderName(facts.checksum.algorithm)]: facts.checksum.value,
              'x-amz-checksum-type': 'FULL_OBJECT',
            }),
      },
    };
  } finally {
    await receiving.discard();
  }
};
