import { DomainError } from '../../domain/domain-error.ts';
import type { RequestContext } from '../../shared/request-context.ts';

/** Whose wishlist it is. Throws DomainError("UNAUTHENTICATED"). */
export function userOf({ userId }: Pick<RequestContext, 'userId'>): string {
  if (userId === null) {
    throw new DomainError('UNAUTHENTICATED', 'the request does not say which user it is for');
  }
  return userId;
}
