import { decodePath, encodeKeyPath, toObjectKey } from './key-paths.ts';
import { parseS3Host, partitionOf, type S3Host } from './s3-hosts.ts';

/** The bucket whose URLs are ours. */
export interface OwnBucket {
  bucket: string;
  /** Its region, for the partition only: URLs name other regions too, and S3 redirects them. */
  region: string;
  /** Where S3 is instead of AWS, such as `http://localhost:4002`. */
  endpoint?: string | undefined;
}

/** An object of our bucket, as a URL names it. */
export interface OwnObject {
  kind: 'own-object';
  key: string;
  /** The key as the path of a URL, without the slash in front. */
  path: string;
  /** With its question mark, or empty; what signed a URL is not in it any more. */
  query: string;
  /** With its number sign, or empty. */
  fragment: string;
  /** A bare plus sign: S3 reads it as a space, S3's websites and most stand-ins for S3 do not. */
  hasBarePlus: boolean;
  /** The URL reads one version of the object, not the newest. */
  isPinned: boolean;
}

export type ImageUrlReading =
  | OwnObject
  /** Our bucket, but nothing that a CDN URL could be made of: no key, broken encoding, a login. */
  | { kind: 'own-unusable' }
  | { kind: 'other-bucket' }
  | { kind: 'other-site' }
  | { kind: 'not-a-url' };

/** Parameters that sign a URL ("Authenticating Requests", versions 2 and 4), or need a signature. */
const SIGNING = /^(?:x-amz-.*|x-id|response-(?:cache-control|content-.*|expires))$/i;
const SIGNING_V2 = new Set(['AWSAccessKeyId', 'Signature', 'Expires']);

/**
 * What a text is as the URL of a picture. Read as a browser reads it, so that whatever would reach
 * our bucket is recognised: any case of scheme and host, any port, dot segments resolved. Only
 * absolute http and https URLs are URLs here.
 */
export function readImageUrl(text: string, own: OwnBucket): ImageUrlReading {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return { kind: 'not-a-url' };
  const place = bucketOf(url, own);
  if (place === null) return { kind: 'other-site' };
  if (!place.isOwn) return { kind: 'other-bucket' };
  return (url.username === '' && url.password === '' && readObject(url, place)) || OWN_UNUSABLE;
}

const OWN_UNUSABLE = { kind: 'own-unusable' } as const;

interface Place {
  isOwn: boolean;
  /** Percent-encoded, all slashes bare. */
  keyPath: string;
  plusIsSpace: boolean;
}

/** Null where the host is none of S3's. */
function bucketOf(url: URL, own: OwnBucket): Place | null {
  const host = standInHost(url, own) ?? parseS3Host(url.hostname);
  if (!host) return null;
  // A slash is one however it is written: multipart uploads report their URL with %2F.
  const path = url.pathname.slice(1).replace(/%2f/gi, '/');
  const plusIsSpace = !host.isWebsite;
  const isOurPartition = host.partition === partitionOf(own.region);
  if (host.bucket !== null) {
    return { isOwn: isOurPartition && host.bucket === own.bucket, keyPath: path, plusIsSpace };
  }
  const [first = '', ...rest] = path.split('/');
  const isOwn = isOurPartition && decodePath(first) === own.bucket;
  return { isOwn, keyPath: rest.join('/'), plusIsSpace };
}

/** Null where S3 is at AWS, or the URL is not of what stands in for it. */
function standInHost(url: URL, { bucket, region, endpoint }: OwnBucket): S3Host | null {
  const host = endpoint === undefined ? undefined : URL.parse(endpoint)?.host;
  if (host === undefined) return null;
  const common = { partition: partitionOf(region), isWebsite: false };
  if (url.host === host) return { bucket: null, ...common };
  return url.host === `${bucket}.${host}` ? { bucket, ...common } : null;
}

function readObject(url: URL, { keyPath, plusIsSpace }: Place): OwnObject | null {
  const bare = keyPath.replace(/^\/+/, '');
  const decoded = decodePath(plusIsSpace ? bare.replaceAll('+', '%20') : bare);
  const key = decoded === null ? null : toObjectKey(decoded);
  if (key === null) return null;
  const { query, isPinned } = readQuery(url.search);
  const hasBarePlus = plusIsSpace && bare.includes('+');
  // Left as it is, a plus sign means behind the CDN what it meant before.
  const path = hasBarePlus
    ? bare
        .split('+')
        .map((part) => encodeKeyPath(decodePath(part) ?? ''))
        .join('+')
    : encodeKeyPath(key);
  return { kind: 'own-object', key, path, query, fragment: url.hash, hasBarePlus, isPinned };
}

function readQuery(search: string): { query: string; isPinned: boolean } {
  const kept = parametersOf(search).filter(
    ({ name }) => !SIGNING.test(name) && !SIGNING_V2.has(name),
  );
  return {
    query: kept.length === 0 ? '' : `?${kept.map(({ raw }) => raw).join('&')}`,
    isPinned: kept.some(({ name }) => name === 'versionId'),
  };
}

/** The parameters of a query as they are written, with their decoded names. */
export function parametersOf(search: string): { name: string; raw: string }[] {
  return search
    .slice(1)
    .split('&')
    .filter((raw) => raw !== '')
    .map((raw) => {
      const [name = ''] = raw.split('=', 1);
      return { name: decodePath(name) ?? name, raw };
    });
}
