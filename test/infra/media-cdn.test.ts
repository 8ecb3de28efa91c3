import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { behaviours } from '../../src/local/edge/behaviours.ts';
import { SIGNED_CACHE_CONTROL } from '../../src/local/edge/browser-cache.ts';
import { type Json, makeSettings, only, publicKeyPem, synthesise } from './synthesise.ts';

interface Behaviour extends Json {
  PathPattern: string;
  AllowedMethods: string[];
  TrustedKeyGroups?: unknown[];
}

let media: Template;

beforeAll(() => {
  ({ media } = synthesise());
});

function distribution(template = media): Json {
  return only(template, 'AWS::CloudFront::Distribution').DistributionConfig as Json;
}

function cacheBehaviours(): Behaviour[] {
  return distribution().CacheBehaviors as Behaviour[];
}

function config(type: string, name: string): Json {
  return only(media, `AWS::CloudFront::${type}`)[name] as Json;
}

describe('behaviours', () => {
  test('images and thumbnails need a signature, wishlist pictures do not', () => {
    const access = cacheBehaviours().map(({ PathPattern, TrustedKeyGroups }) => ({
      pathPattern: PathPattern,
      access: TrustedKeyGroups ? 'signed' : 'public',
    }));
    expect(access).toEqual([
      { pathPattern: '/ingest/*', access: 'signed' },
      { pathPattern: '/thumbnails/*', access: 'signed' },
      { pathPattern: '/uploads/wishlist/*', access: 'public' },
    ]);
    // The edge of the local stack is the same edge.
    expect(access).toEqual(behaviours);
  });

  test('take GET, HEAD and OPTIONS, over HTTPS', () => {
    for (const behaviour of cacheBehaviours()) {
      expect(behaviour).toMatchObject({
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS'],
        CachedMethods: ['GET', 'HEAD'],
        ViewerProtocolPolicy: 'redirect-to-https',
        CachePolicyId: { Ref: expect.stringMatching(/^PictureCache/) },
        ResponseHeadersPolicyId: {
          Ref: expect.stringMatching(
            behaviour.TrustedKeyGroups ? /^SignedResponseHeaders/ : /^ResponseHeaders/,
          ),
        },
      });
    }
  });

  test('every other path is answered 403 before the bucket is asked', () => {
    const { DefaultCacheBehavior: standard } = distribution();
    expect(standard).toMatchObject({
      AllowedMethods: ['GET', 'HEAD'],
      ViewerProtocolPolicy: 'redirect-to-https',
      FunctionAssociations: [
        {
          EventType: 'viewer-request',
          FunctionARN: { 'Fn::GetAtt': [expect.stringMatching(/^Refusal/), 'FunctionARN'] },
        },
      ],
    });
    const { FunctionCode } = only(media, 'AWS::CloudFront::Function');
    const answer = runInContext(`${String(FunctionCode)}; handler({})`, createContext());
    expect(answer).toMatchObject({ statusCode: 403 });
  });
});

describe('the cache', () => {
  test('keeps a day, at most a year, at least nothing, and knows v and versionId alone', () => {
    expect(config('CachePolicy', 'CachePolicyConfig')).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 24 * 3600,
      MaxTTL: 365 * 24 * 3600,
      ParametersInCacheKeyAndForwardedToOrigin: {
        QueryStringsConfig: { QueryStringBehavior: 'whitelist', QueryStrings: ['v', 'versionId'] },
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
        EnableAcceptEncodingBrotli: false,
        EnableAcceptEncodingGzip: false,
      },
    });
  });

  test('keeps 404 for five minutes, and no other error for long', () => {
    expect(distribution().CustomErrorResponses).toEqual([
      { ErrorCode: 404, ErrorCachingMinTTL: 300 },
    ]);
  });
});

describe('response headers', () => {
  /** The policies, by the first word of their names. */
  function policy(name: 'ResponseHeaders' | 'SignedResponseHeaders'): Json {
    const all = Object.entries(media.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
    const [found, ...others] = all.filter(([id]) => id.startsWith(name));
    expect(others).toEqual([]);
    return found?.[1].Properties.ResponseHeadersPolicyConfig as Json;
  }

  test.each(['ResponseHeaders', 'SignedResponseHeaders'] as const)(
    '%s say what pictures are, and which pages may read them',
    (name) => {
      const { SecurityHeadersConfig, CorsConfig } = policy(name);
      expect(SecurityHeadersConfig).toMatchObject({
        ContentTypeOptions: { Override: true },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
        FrameOptions: { FrameOption: 'DENY' },
        ContentSecurityPolicy: {
          ContentSecurityPolicy: expect.stringMatching(/^default-src 'none';.*sandbox$/),
        },
      });
      expect(CorsConfig).toMatchObject({
        AccessControlAllowOrigins: { Items: ['https://www.example.com', 'https://m.example.com'] },
        AccessControlAllowMethods: { Items: ['GET', 'HEAD', 'OPTIONS'] },
        AccessControlAllowCredentials: false,
      });
    },
  );

  test('browsers keep signed pictures that say nothing themselves, and those alone', () => {
    const embeddable = {
      Header: 'Cross-Origin-Resource-Policy',
      Value: 'cross-origin',
      Override: true,
    };
    expect(policy('ResponseHeaders').CustomHeadersConfig).toEqual({ Items: [embeddable] });
    expect(policy('SignedResponseHeaders').CustomHeadersConfig).toEqual({
      Items: [
        embeddable,
        // The edge of the local stack says the same.
        { Header: 'Cache-Control', Value: SIGNED_CACHE_CONTROL, Override: false },
      ],
    });
  });

  test('what the CDN has kept for as long as it may is good for an hour in a browser', () => {
    const { DefaultTTL } = config('CachePolicy', 'CachePolicyConfig');
    const maxAge = Number(/max-age=(\d+)/.exec(SIGNED_CACHE_CONTROL)?.[1]);
    expect(maxAge - Number(DefaultTTL)).toBe(3_600);
  });
});

test('the bucket is reached by Origin Access Control, without an access identity', () => {
  expect(distribution().Origins).toEqual([
    expect.objectContaining({
      OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/^OriginAccess/), 'Id'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    }),
  ]);
  expect(config('OriginAccessControl', 'OriginAccessControlConfig')).toMatchObject({
    SigningBehavior: 'always',
    SigningProtocol: 'sigv4',
    OriginAccessControlOriginType: 's3',
  });
  media.resourceCountIs('AWS::CloudFront::CloudFrontOriginAccessIdentity', 0);
});

test('HTTP/2 and 3, IPv6, logs without cookies, the metrics of the alarms', () => {
  expect(distribution()).toMatchObject({
    HttpVersion: 'http2and3',
    IPV6Enabled: true,
    Logging: {
      Bucket: { 'Fn::GetAtt': [expect.stringMatching(/^AccessLogs/), 'RegionalDomainName'] },
      IncludeCookies: false,
      Prefix: 'cdn/',
    },
  });
  expect(config('MonitoringSubscription', 'MonitoringSubscription')).toEqual({
    RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus: 'Enabled' },
  });
});

describe('parameters', () => {
  test('price class 100, no firewall and no name of its own unless they are set', () => {
    expect(distribution().PriceClass).toBe('PriceClass_100');
    for (const name of ['WebACLId', 'Aliases', 'ViewerCertificate']) {
      expect(distribution()).not.toHaveProperty(name);
    }
  });

  test('price class, firewall, names and certificate', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab';
    const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/media/1234abcd-12ab';
    const changed = synthesise(
      makeSettings({
        cdn: { priceClass: 'all', webAclArn, certificateArn, domainNames: ['media.example.com'] },
      }),
    );
    expect(distribution(changed.media)).toMatchObject({
      PriceClass: 'PriceClass_All',
      WebACLId: webAclArn,
      Aliases: ['media.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    // Read URLs then have that name.
    expect(JSON.stringify(changed.service.toJSON())).toContain('"Value":"media.example.com"');
  });
});

test('keys rotate: a second key is trusted at once, and each stays importable while it is', () => {
  const [older, newer] = [publicKeyPem(), publicKeyPem()];
  const keys = { 'older.pem': older, 'newer.pem': newer };
  const during = (...publicKeyFiles: string[]) =>
    synthesise(makeSettings({ cdn: { publicKeyFiles } }, keys));
  const idOf = (template: Template, pem: string) =>
    Object.entries(template.findResources('AWS::CloudFront::PublicKey')).find(
      ([, { Properties }]) => Properties.PublicKeyConfig.EncodedKey === pem,
    )?.[0];

  const before = during('older.pem').media;
  const { media: rotating, service } = during('newer.pem', 'older.pem');

  // The same key stays the same resource: CloudFront refuses to change one.
  expect(idOf(rotating, older)).toBe(idOf(before, older));
  expect(only(rotating, 'AWS::CloudFront::KeyGroup').KeyGroupConfig).toMatchObject({
    Items: [{ Ref: idOf(rotating, newer) }, { Ref: idOf(rotating, older) }],
  });
  // While it is trusted: the API still imports it when this stack changes.
  const exported = JSON.stringify(rotating.toJSON().Outputs);
  const secretOf = (pem: string) =>
    idOf(rotating, pem)?.replace(/^SigningKey(.{12}).*/, 'PrivateKey$1');
  expect(exported).toContain(`ExportsOutputRef${idOf(rotating, older)}`);
  expect(exported).toContain(`ExportsOutputRef${secretOf(older)}`);
  // The API signs with the first, and finds its private half in a secret of its own.
  const imports = JSON.stringify(service.toJSON());
  expect(imports).toContain(`ExportsOutputRef${idOf(rotating, newer)}`);
  expect(imports).toContain(`ExportsOutputRef${secretOf(newer)}`);
  expect(imports).not.toContain(`ExportsOutputRef${idOf(rotating, older)}`);
  expect(imports).not.toContain(`ExportsOutputRef${secretOf(older)}`);
});
