import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  type ResponseCustomHeader,
  ResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/** What pages may read of an answer, beside what they always may. */
const EXPOSED = ['Accept-Ranges', 'Age', 'Content-Length', 'Content-Range', 'ETag', 'X-Cache'];

/**
 * 25 hours, since a browser counts the time in the CDN's cache, up to 24 hours, as the picture's age.
 * For the browser alone: who has a signed URL has a permission. An object's own header wins, and
 * decides how long the CDN keeps it, too.
 */
const SIGNED_CACHE_CONTROL = {
  header: 'Cache-Control',
  value: 'private, max-age=90000, immutable',
  override: false,
};

/** For what everybody may read. */
export function addResponseHeaders(
  scope: Construct,
  pageOrigins: readonly string[],
): ResponseHeadersPolicy {
  return addPolicy(scope, 'ResponseHeaders', pageOrigins);
}

/** For what needs a signed URL: it leads to one version for ever, so a browser need not ask again. */
export function addSignedResponseHeaders(
  scope: Construct,
  pageOrigins: readonly string[],
): ResponseHeadersPolicy {
  return addPolicy(scope, 'SignedResponseHeaders', pageOrigins, [SIGNED_CACHE_CONTROL]);
}

/** Pictures are pictures: never guessed to be anything else, never a document that runs. */
function addPolicy(
  scope: Construct,
  id: string,
  pageOrigins: readonly string[],
  customHeaders: readonly ResponseCustomHeader[] = [],
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Pictures: no sniffing, no scripts, CORS for the pages that show them',
    securityHeadersBehavior: {
      contentTypeOptions: { override: true },
      contentSecurityPolicy: {
        // A picture opened by itself is shown in a document that the browser styles inline.
        contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        override: true,
      },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      // A signed URL is a permission: it does not travel in the Referer of what it leads to.
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(365),
        includeSubdomains: true,
        override: true,
      },
    },
    corsBehavior: {
      accessControlAllowOrigins: [...pageOrigins],
      accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
      accessControlAllowHeaders: ['*'],
      accessControlExposeHeaders: EXPOSED,
      accessControlAllowCredentials: false,
      accessControlMaxAge: Duration.minutes(10),
      // S3 answers for the origin that asked first, and that answer is cached for the others.
      originOverride: true,
    },
    customHeadersBehavior: {
      customHeaders: [
        // Pages that isolate themselves may still embed the pictures.
        { header: 'Cross-Origin-Resource-Policy', value: 'cross-origin', override: true },
        ...customHeaders,
      ],
    },
  });
}
