/** The request target as the viewer sent it, and what it means. */
export interface Target {
  /** As received, percent-encoding and all: this is what was signed. */
  rawPath: string;
  /** The query's parameters as received, in order, `name=value`; empty without a query. */
  rawParameters: readonly string[];
  /** Percent-decoded once; `/` and the object key. */
  path: string;
}

/** The only parameters that mean anything beyond the signature. */
export interface ForwardedParameters {
  /** Goes to S3 and into the cache key. */
  versionId?: string;
  /** Goes into the cache key only: a new value makes the edge ask again. */
  v?: string;
}

/** Splits a raw parameter at its first `=`; without one the value is empty. */
export function splitParameter(parameter: string): { name: string; value: string } {
  const at = parameter.indexOf('=');
  if (at < 0) return { name: parameter, value: '' };
  return { name: parameter.slice(0, at), value: parameter.slice(at + 1) };
}

/** Percent-decodes, or undefined where the encoding is broken. A `+` stays a `+`, as in S3 keys. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a request target. Undefined where it is not an absolute path, its encoding is broken, or it
 * has `.` or `..` segments, plain or encoded: no key of this service has any, and every URL parser on
 * the way to the origin would be free to resolve them into another key than the one judged here.
 */
export function parseTarget(requestTarget: string | undefined): Target | undefined {
  if (!requestTarget?.startsWith('/')) return undefined;
  const at = requestTarget.indexOf('?');
  const rawPath = at < 0 ? requestTarget : requestTarget.slice(0, at);
  const path = decodePercent(rawPath);
  if (path === undefined || path.includes('\0')) return undefined;
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return undefined;
  return { rawPath, rawParameters: at < 0 ? [] : requestTarget.slice(at + 1).split('&'), path };
}

/** Picks the forwarded parameters; undefined where one comes twice or cannot be decoded. */
export function forwardedParameters(
  rawParameters: readonly string[],
): ForwardedParameters | undefined {
  const forwarded: ForwardedParameters = {};
  for (const parameter of rawParameters) {
    const { name, value } = splitParameter(parameter);
    if (name !== 'versionId' && name !== 'v') continue;
    const decoded = decodePercent(value);
    if (decoded === undefined || forwarded[name] !== undefined) return undefined;
    forwarded[name] = decoded;
  }
  return forwarded;
}
