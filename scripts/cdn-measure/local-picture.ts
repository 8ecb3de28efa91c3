import path from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { readStackFile } from '../../src/local/stack-file.ts';
import { findLocalEndpoint } from '../demo/find-endpoint.ts';
import { createGraphqlClient } from '../demo/graphql-client.ts';
import { createFileIngester } from '../demo/ingest-file.ts';
import { createMediaApi } from '../demo/media-api.ts';
import { Problem } from '../demo/problem.ts';
import { createStatusPoller } from '../demo/status-poller.ts';
import { makeMissingSamples } from '../samples/make-samples.ts';

const INGEST_TIMEOUT_MS = 60_000;

/**
 * Sends a sample through the stack that runs in this checkout. Resolves with its signed URL at the
 * edge, and a presigned one of the same version at S3. Throws Problem when there is no stack.
 */
export async function ingestLocalPicture(
  stateDir: string,
  signal: AbortSignal,
): Promise<{ url: URL; origin: URL }> {
  const endpoint = await findLocalEndpoint(stateDir);
  const stack = await readStackFile(stateDir);
  const [sample] = await makeMissingSamples(path.join(stateDir, 'samples'));
  if (stack === null || sample === undefined) throw new Problem('no stack is running here');

  const api = createMediaApi(createGraphqlClient(endpoint, signal));
  const ingest = createFileIngester({
    api,
    poller: createStatusPoller({
      imageStates: api.imageStates,
      timeoutMs: INGEST_TIMEOUT_MS,
      signal,
    }),
    jobs: 1,
    signal,
    onSent: () => {},
    onReceived: () => {},
  });
  const file = { file: path.basename(sample), path: sample, expectedFailure: null };
  const { id, problem } = await ingest(file);
  if (id === null || problem !== null) throw new Problem(problem ?? 'the sample did not get in');
  const url = new URL(await api.downloadUrl(id));

  const s3 = new S3Client({
    region: stack.region,
    endpoint: stack.s3,
    credentials: stack.credentials,
    forcePathStyle: true,
  });
  try {
    const object = {
      Bucket: stack.bucket,
      Key: decodeURIComponent(url.pathname.slice(1)),
      VersionId: url.searchParams.get('versionId') ?? undefined,
    };
    return { url, origin: new URL(await getSignedUrl(s3, new GetObjectCommand(object))) };
  } finally {
    s3.destroy();
  }
}
