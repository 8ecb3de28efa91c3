import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { detectContentType } from '../../src/domain/image-format.ts';
import { BUCKET, PREFIX, REGION } from './messages.ts';

/**
 * The way one would write it first: object by object the whole of it, then what it is stored as,
 * then a copy. Resolves with how many were wrong.
 */
export async function fixPlainly(endpoint: string, objects: number): Promise<number> {
  const client = new S3Client({ endpoint, region: REGION, forcePathStyle: true });
  let looked = 0;
  let fixed = 0;
  let StartAfter: string | undefined;
  do {
    const { Contents = [], IsTruncated } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: PREFIX, StartAfter }),
    );
    for (const { Key = '' } of Contents.slice(0, objects - looked)) {
      if (await fixOne(client, Key)) fixed += 1;
      looked += 1;
    }
    StartAfter = IsTruncated ? Contents.at(-1)?.Key : undefined;
  } while (StartAfter !== undefined && looked < objects);
  client.destroy();
  return fixed;
}

async function fixOne(client: S3Client, Key: string): Promise<boolean> {
  const object = { Bucket: BUCKET, Key };
  const { Body } = await client.send(new GetObjectCommand(object));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const ContentType = detectContentType(bytes);
  const head = await client.send(new HeadObjectCommand(object));
  if (head.ContentType === ContentType) return false;
  await client.send(
    new CopyObjectCommand({
      ...object,
      CopySource: `${BUCKET}/${Key}`,
      MetadataDirective: 'REPLACE',
      Metadata: head.Metadata,
      ContentType,
    }),
  );
  return true;
}
