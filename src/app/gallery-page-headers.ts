export interface PageSources {
  /** The CDN's origin, which pictures come from. */
  cdn: string;
  /** The origin that presigned uploads go to. */
  uploads: string;
}

/** What the page has no use for; everything else is off for foreign frames by default. */
const UNUSED_FEATURES = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'usb',
];

/**
 * The headers of the page and its assets. Whatever a picture, a file name or a link may smuggle in,
 * no script runs but the page's own, and it talks to nobody but this service, S3 and the CDN.
 */
export function pageHeaders(sources: PageSources): Record<string, string> {
  return {
    'Content-Security-Policy': policy({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      // blob: for previews of picked files, data: for placeholders.
      'img-src': ["'self'", 'blob:', 'data:', sources.cdn],
      // The CDN too: a picture that is saved under its own name is fetched first.
      'connect-src': ["'self'", sources.uploads, sources.cdn],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
      // Text becomes markup nowhere, by no detour.
      'require-trusted-types-for': ["'script'"],
      'trusted-types': ["'none'"],
    }),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
    'Referrer-Policy': 'no-referrer',
  };
}

function policy(directives: Record<string, string[]>): string {
  return Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(' '))
    .join('; ');
}
