import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachedMethods,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  type DistributionProps,
  HttpVersion,
  type IKeyGroup,
  OriginRequestPolicy,
  PriceClass,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  Signing,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { INGEST, THUMBNAILS, WISHLIST } from '../key-prefixes.ts';
import type { Settings } from '../settings/settings.ts';
import { refuseEverything } from './refusal.ts';
import { addResponseHeaders, addSignedResponseHeaders } from './response-headers.ts';

const PRICE_CLASSES = {
  100: PriceClass.PRICE_CLASS_100,
  200: PriceClass.PRICE_CLASS_200,
  all: PriceClass.PRICE_CLASS_ALL,
} as const;

interface Parts {
  bucket: IBucket;
  logs: IBucket;
  keyGroup: IKeyGroup;
}

/** The CDN: signed images and thumbnails, public wishlist pictures, nothing else. */
export function addDistribution(scope: Construct, settings: Settings, parts: Parts): Distribution {
  const { cdn } = settings;
  const pictures = pictureBehaviour(scope, settings, parts.bucket);
  const signed = {
    ...pictures,
    trustedKeyGroups: [parts.keyGroup],
    responseHeadersPolicy: addSignedResponseHeaders(scope, settings.media.pageOrigins),
  };
  return new Distribution(scope, 'Distribution', {
    comment: `${settings.name}: images, thumbnails, wishlist pictures`,
    defaultBehavior: {
      origin: pictures.origin,
      viewerProtocolPolicy: pictures.viewerProtocolPolicy,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      responseHeadersPolicy: pictures.responseHeadersPolicy,
      compress: false,
      functionAssociations: [refuseEverything(scope)],
    },
    additionalBehaviors: {
      [`/${INGEST}*`]: signed,
      [`/${THUMBNAILS}*`]: signed,
      [`/${WISHLIST}*`]: pictures,
    },
    errorResponses: [{ httpStatus: 404, ttl: Duration.minutes(5) }],
    httpVersion: HttpVersion.HTTP2_AND_3,
    enableIpv6: true,
    // Said also without a certificate of one's own, where CloudFront's certificate decides instead.
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    priceClass: PRICE_CLASSES[cdn.priceClass],
    enableLogging: true,
    logBucket: parts.logs,
    logFilePrefix: 'cdn/',
    logIncludesCookies: false,
    // Hit ratio and origin latency are metrics that cost extra, and are off by default.
    publishAdditionalMetrics: true,
    ...ownName(scope, cdn),
    webAclId: cdn.webAclArn,
  });
}

function pictureBehaviour(scope: Construct, settings: Settings, bucket: IBucket) {
  const access = new S3OriginAccessControl(scope, 'OriginAccess', {
    signing: Signing.SIGV4_ALWAYS,
  });
  return {
    // Not `withOriginAccessControl`, which adds its own statement for the whole bucket to the policy.
    origin: S3BucketOrigin.withBucketDefaults(bucket, {
      originAccessControlId: access.originAccessControlId,
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    cachedMethods: CachedMethods.CACHE_GET_HEAD,
    cachePolicy: addCachePolicy(scope),
    // What S3 needs to answer a preflight; none of it is in the cache key.
    originRequestPolicy: OriginRequestPolicy.CORS_S3_ORIGIN,
    responseHeadersPolicy: addResponseHeaders(scope, settings.media.pageOrigins),
    compress: false,
  } satisfies BehaviorOptions;
}

function addCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, 'PictureCache', {
    comment: 'A day unless the object says otherwise; one entry for each version',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.hours(24),
    maxTtl: Duration.days(365),
    queryStringBehavior: CacheQueryStringBehavior.allowList('v', 'versionId'),
    // Pictures are compressed already: their encodings would only split the cache.
    enableAcceptEncodingBrotli: false,
    enableAcceptEncodingGzip: false,
  });
}

function ownName(scope: Construct, { domainNames, certificateArn }: Settings['cdn']) {
  if (certificateArn === undefined) return {};
  return {
    domainNames: [...domainNames],
    certificate: Certificate.fromCertificateArn(scope, 'CdnCertificate', certificateArn),
  } satisfies Partial<DistributionProps>;
}
