import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface PutRequest {
  key: string;
  contentType: string;
  /** Signs the exact size in bytes. */
  contentLength?: number | undefined;
  /** Signs `If-None-Match: *`. */
  onlyOnce?: boolean | undefined;
  expiresInSeconds: number;
}

/** What the SDK's credential providers resolve to. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** Where a bucket is, and for which service and region it is signed. */
interface Place {
  /** All of a URL before the key: `https://media.s3.eu-central-1.amazonaws.com/`. */
  base: string;
  host: string;
  /** All of a path before the key. */
  path: string;
  /** Region, service and terminator: `eu-central-1/s3/aws4_request`. */
  scope: string;
}

export type SignPutUrl = (request: PutRequest, credentials: Credentials, date: Date) => string;

const PRESIGNED = /^(https?:\/\/([^/]+))([^?]*)\?.*&X-Amz-Credential=([^&]+)/;

/**
 * Learns from a presigned URL that the SDK has made for this key where its bucket is: which host,
 * whether the bucket is in the path, and in which region are the SDK's rules. Null where the URL is
 * of another kind.
 */
export function putUrlsLike(url: string, key: string): SignPutUrl | null {
  const [, origin, host, path, credential] = PRESIGNED.exec(url) ?? [];
  const keyPath = encodeKey(key);
  if (!origin || !host || !path?.endsWith(keyPath) || !credential) return null;
  // The access key, which may have slashes itself, the day, and the rest.
  const scope = decodeURIComponent(credential).split('/').slice(-3).join('/');
  const before = path.slice(0, path.length - keyPath.length);
  return signerOf({ base: origin + before, host, path: before, scope });
}

/**
 * AWS Signature Version 4 in the query ("Authenticating Requests: Using Query Parameters", Amazon S3
 * API Reference), for a PUT. Parameters are in the SDK's order, which is also the canonical one.
 */
function signerOf(place: Place): SignPutUrl {
  const scopeInQuery = encodeURIComponent(place.scope);
  const signingKeyFor = createSigningKeys(place.scope);

  return (request, credentials, date) => {
    const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const keyPath = encodeKey(request.key);
    const { names, lines } = signedHeaders(request, place.host);
    const access = encode(credentials.accessKeyId);
    const token =
      credentials.sessionToken === undefined
        ? ''
        : `&X-Amz-Security-Token=${encode(credentials.sessionToken)}`;
    // In two halves: the signature comes between them, and is no part of what is signed.
    const first = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=${access}%2F${day}%2F${scopeInQuery}&X-Amz-Date=${time}&X-Amz-Expires=${request.expiresInSeconds}${token}`;
    const second = `X-Amz-SignedHeaders=${names.replaceAll(';', '%3B')}&x-id=PutObject`;
    const canonical = `PUT\n${place.path}${keyPath}\n${first}&${second}\n${lines}\n${names}\nUNSIGNED-PAYLOAD`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${place.scope}\n${hash('sha256', canonical)}`;
    const key = signingKeyFor(credentials.secretAccessKey, day);
    const signature = createHmac('sha256', key).update(text).digest('hex');
    return `${place.base}${keyPath}?${first}&X-Amz-Signature=${signature}&${second}`;
  };
}

/** In the order of their names, as they have to be signed. */
function signedHeaders(
  { contentType, contentLength, onlyOnce }: PutRequest,
  host: string,
): { names: string; lines: string } {
  let names = 'content-type;host';
  let lines = `content-type:${contentType.trim().replace(/\s+/g, ' ')}\nhost:${host}\n`;
  if (contentLength !== undefined) {
    names = `content-length;${names}`;
    lines = `content-length:${contentLength}\n${lines}`;
  }
  if (onlyOnce) {
    names += ';if-none-match';
    lines += 'if-none-match:*\n';
  }
  return { names, lines };
}

/** A signing key holds for a day, or until the credentials change: the last one is remembered. */
function createSigningKeys(scope: string): (secretAccessKey: string, day: string) => KeyObject {
  let last: { secretAccessKey: string; day: string; key: KeyObject } | undefined;
  return (secretAccessKey, day) => {
    if (last?.day === day && last.secretAccessKey === secretAccessKey) return last.key;
    let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
    for (const part of [day, ...scope.split('/')]) {
      key = createHmac('sha256', key).update(part).digest();
    }
    last = { secretAccessKey, day, key: createSecretKey(key) };
    return last.key;
  };
}

function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/');
}

/** Stricter than encodeURIComponent: only letters, digits and `-_.~` stay (RFC 3986). */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
