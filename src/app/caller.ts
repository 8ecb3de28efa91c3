import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { isUserId } from '../domain/user-id.ts';
import type { ApiConfig } from '../shared/config.ts';
import type { AdminAccess } from '../shared/request-context.ts';

type CallerConfig = Pick<ApiConfig, 'USER_ID_HEADER' | 'DEFAULT_USER_ID'>;

/**
 * Who a request is for, as the gateway in front of the service says in a header; null where it says
 * nothing usable. Twice is nothing: one of the two may be the client's own.
 */
export function makeUserIdOf(config: CallerConfig): (request: Request) => string | null {
  return ({ headersDistinct }) => {
    const [userId, another] = headersDistinct[config.USER_ID_HEADER] ?? [];
    if (another !== undefined) return null;
    if (!userId) return config.DEFAULT_USER_ID ?? null;
    return isUserId(userId) ? userId : null;
  };
}

/**
 * Whether a request comes from an operator: `Authorization: Bearer $ADMIN_TOKEN`, once. How long the
 * answer takes says nothing about the token.
 */
export function makeAdminAccessOf({
  ADMIN_TOKEN: token,
}: Pick<ApiConfig, 'ADMIN_TOKEN'>): (request: Request) => AdminAccess {
  if (token === undefined) return () => 'off';
  const expected = digest(token);
  return ({ headersDistinct }) => {
    const [header = '', another] = headersDistinct.authorization ?? [];
    const given = /^Bearer +(\S+) *$/i.exec(header)?.[1];
    if (given === undefined || another !== undefined) return 'denied';
    return timingSafeEqual(digest(given), expected) ? 'granted' : 'denied';
  };
}

/** Of the same length whatever the text. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
