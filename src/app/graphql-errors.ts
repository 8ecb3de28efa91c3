import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError } from '../domain/domain-error.ts';
import { isPoolExhausted } from '../shared/database.ts';
import type { Logger } from '../shared/logger.ts';
import { OVERLOADED } from '../shared/overload.ts';
import type { RequestContext } from '../shared/request-context.ts';

/**
 * What a caller gets to see of an error: a refusal's own code and words; GraphQL's words for an
 * operation that is wrong; of a fault inside, nothing.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown) {
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const cause = unwrapResolverError(error);
  if (cause instanceof DomainError) {
    const extensions = { code: cause.code, ...(cause.field && { field: cause.field }) };
    return { message: cause.message, ...place, extensions };
  }
  if (isPoolExhausted(cause)) {
    const { message, code } = OVERLOADED;
    return { message, ...place, extensions: { code } };
  }
  if (isFault(error)) {
    return { message: 'internal error', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const code = formatted.extensions?.code;
  // Apollo takes a GraphQL error without a code for a fault; it is an operation that cannot be
  // executed, such as a subscription.
  const isCoded = code !== undefined && code !== 'INTERNAL_SERVER_ERROR';
  const extensions = { code: isCoded ? code : 'BAD_USER_INPUT' };
  return { message: formatted.message, ...place, extensions };
}

/** Faults go to the log, where their stack belongs. */
export const logFaults: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }) {
        logFaultsOf(errors, contextValue.logger);
      },
    };
  },
};

export function logFaultsOf(errors: readonly GraphQLError[], logger: Logger): void {
  for (const error of errors.filter(isFault)) {
    logger.error({ err: unwrapResolverError(error) }, 'graphql.fault');
  }
}

/** Neither a refusal of ours nor one of GraphQL's, nor want of room: something is wrong in here. */
function isFault(error: unknown): boolean {
  const cause = unwrapResolverError(error);
  const isExpected = cause instanceof DomainError || cause instanceof GraphQLError;
  return !isExpected && !isPoolExhausted(cause);
}
