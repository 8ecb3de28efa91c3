/** Enough for any S3 or CloudFront error document, in bytes. */
const LONGEST_ERROR_DOCUMENT = 16_384;

/**
 * The code of an S3 error document (Amazon S3 API Reference, "Error responses"), which CloudFront
 * uses too; null where the text is none.
 */
export function s3ErrorCode(text: string): string | null {
  return /<Code>\s*([A-Za-z0-9.]{1,64})\s*<\/Code>/.exec(text)?.[1] ?? null;
}

/** A refusal as `403 SignatureDoesNotMatch`, from its status and the beginning of its body. */
export async function describeRefusal(
  status: number,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  let text = '';
  // A body that breaks off still has a status to tell.
  try {
    for await (const chunk of body) {
      text += Buffer.from(chunk).toString('latin1');
      if (text.length >= LONGEST_ERROR_DOCUMENT) break;
    }
  } catch {}
  const code = s3ErrorCode(text);
  return code === null ? String(status) : `${status} ${code}`;
}
