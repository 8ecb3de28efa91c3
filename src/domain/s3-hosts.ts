/** A host name of S3, taken apart. */
export interface S3Host {
  /** The bucket in the host name; null where it is the first segment of the path. */
  bucket: string | null;
  /** Bucket names are unique within a partition, not beyond it. */
  partition: Partition;
  /** A static website: the same objects, read by slightly other rules. */
  isWebsite: boolean;
}

type Partition = keyof typeof TOP_LEVELS;

/** What follows `amazonaws.` in each partition. */
const TOP_LEVELS = {
  aws: 'com',
  'aws-us-gov': 'com',
  'aws-cn': 'com.cn',
  'aws-eusc': 'eu',
} as const;

const REGION = '[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}';

/** "Amazon S3 endpoints and quotas" (AWS General Reference), and the older forms with a dash. */
const REST = `s3(?:-fips)?(?:\\.dualstack)?\\.(${REGION})|s3-(?:fips-)?(${REGION})|s3(?:-external-1)?`;
const ACCELERATE = 's3-accelerate(?:\\.dualstack)?';
const WEBSITE = `s3-website[.-](${REGION})`;
const SUFFIX = '\\.amazonaws\\.(com|com\\.cn|eu)';

const restHost = new RegExp(`^(?:(.+)\\.)?(?:${REST})${SUFFIX}$`);
const accelerateHost = new RegExp(`^(.+)\\.${ACCELERATE}\\.amazonaws\\.com$`);
const websiteHost = new RegExp(`^(.+)\\.${WEBSITE}${SUFFIX}$`);

/**
 * What of S3 a host name addresses; null for hosts of anything else, access points included: their
 * names are no bucket's.
 *
 * @param hostname in lower case, as `URL` has it
 */
export function parseS3Host(hostname: string): S3Host | null {
  // A root dot at the end makes no other host.
  const host = hostname.replace(/\.$/, '');

  const accelerated = accelerateHost.exec(host)?.[1];
  if (accelerated !== undefined) {
    return { bucket: accelerated, partition: 'aws', isWebsite: false };
  }

  const [, site, siteRegion, siteTop] = websiteHost.exec(host) ?? [];
  if (site !== undefined) return s3Host(site, siteRegion, siteTop, true);

  const rest = restHost.exec(host);
  if (!rest) return null;
  const [, bucket, dotRegion, dashRegion, top] = rest;
  return s3Host(bucket ?? null, dotRegion ?? dashRegion, top, false);
}

function s3Host(
  bucket: string | null,
  region: string | undefined,
  top: string | undefined,
  isWebsite: boolean,
): S3Host | null {
  const partition = region === undefined ? 'aws' : partitionOf(region);
  return top === TOP_LEVELS[partition] ? { bucket, partition, isWebsite } : null;
}

/** The partition of a region such as `eu-central-1`. */
export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  return 'aws';
}
