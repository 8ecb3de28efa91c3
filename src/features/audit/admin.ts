import { DomainError } from '../../domain/domain-error.ts';
import type { RequestContext } from '../../shared/request-context.ts';

/** Throws DomainError("UNAUTHENTICATED", "FORBIDDEN") unless an operator asks. */
export function assertAdmin({ admin }: Pick<RequestContext, 'admin'>): void {
  if (admin === 'granted') return;
  if (admin === 'off') {
    throw new DomainError(
      'FORBIDDEN',
      'admin operations are off: the service has no ADMIN_TOKEN configured',
    );
  }
  throw new DomainError(
    'UNAUTHENTICATED',
    'admin operations need the header authorization: Bearer with the admin token',
  );
}
