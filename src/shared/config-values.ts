import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isUserId, USER_ID_RULE } from '../domain/user-id.ts';
import { isCronExpression } from './cron.ts';

/** Building blocks of the configuration: each turns the text of one variable into a value. */

export const MISSING = 'is missing';

export function text(): z.ZodString {
  return z.string({ error: MISSING }).trim().min(1, { error: 'is empty' });
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return z
    .string({ error: MISSING })
    .trim()
    .regex(/^\d{1,15}$/, { error: `must be a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    });
}

export function flag() {
  return z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true');
}

export function url(...protocols: string[]) {
  return text().refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
}

/** A cron expression (in UTC), or `off`. */
export function schedule() {
  return text().refine((value) => value === 'off' || isCronExpression(value), {
    error: 'must be off or a cron expression of five numeric fields such as 23 * * * *',
  });
}

/** The name of a header, in lower case as Node has them. */
export function headerName() {
  return text()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'must be the name of a header such as x-user-id' })
    .toLowerCase();
}

/** A secret that callers send in a header. Nobody guesses one that is long enough. */
export function token() {
  return text().regex(/^[\x21-\x7e]{16,}$/, {
    error: 'must have at least 16 characters, all of them printable ASCII and none a space',
  });
}

/** Who a request is for. */
export function userId() {
  return text().refine(isUserId, { error: `must be ${USER_ID_RULE}` });
}

/** Comma-separated web origins, or `*` for any. */
export function origins() {
  return text()
    .transform((value) => value.split(',').map((origin) => origin.trim()))
    .refine(
      (list) => list.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
      { error: 'must be * or a comma-separated list of origins such as https://www.example.com' },
    );
}

/**
 * The CDN's host name; with a scheme in front (`http://localhost:4001`) where it is not HTTPS.
 * The value is the origin that every CDN URL starts with.
 */
export function cdnOrigin() {
  return text()
    .transform((value) => URL.parse(value.includes('://') ? value : `https://${value}`))
    .refine((parsed) => parsed !== null && /^https?:$/.test(parsed.protocol) && isBare(parsed), {
      error: 'must be a host name such as d111111abcdef8.cloudfront.net',
    })
    .transform((parsed) => parsed?.origin ?? '');
}

function isBare(parsed: URL): boolean {
  const { pathname, search, hash, username, password } = parsed;
  return pathname === '/' && `${search}${hash}${username}${password}` === '';
}

/**
 * A private key that CloudFront takes: RSA of 2048 bits or ECDSA P-256 ("Create key pairs for your
 * signers", Amazon CloudFront Developer Guide). Literal `\n`, as left by many secret stores and
 * env files, count as line ends. Parsed here, once: parsing costs more than signing with it.
 */
export function privateKey() {
  return text().transform((pem, context): KeyObject => {
    try {
      const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
      if (isCloudFrontKey(key)) return key;
    } catch {
      // OpenSSL's words could quote the key; ours below cannot.
    }
    context.addIssue('must be the PEM text of an RSA-2048 or ECDSA P-256 private key');
    return z.NEVER;
  });
}

function isCloudFrontKey(key: KeyObject): boolean {
  const details = key.asymmetricKeyDetails;
  return (
    (key.asymmetricKeyType === 'rsa' && details?.modulusLength === 2048) ||
    (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1')
  );
}
