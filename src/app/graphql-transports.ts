import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { RequestContext } from '../shared/request-context.ts';

const ADMISSION = Symbol('admission');

/**
 * A copy of the context with which Apollo checks a streamed operation by all the rules that it has
 * for any other, and does not execute it.
 */
export function forAdmission(context: RequestContext): RequestContext {
  return Object.assign({ ...context }, { [ADMISSION]: true });
}

export function isAdmission(context: RequestContext): boolean {
  return ADMISSION in context;
}

/** Subscriptions are streamed, queries and mutations are not. */
export const separateTransports: ApolloServerPlugin<RequestContext> = {
  async requestDidStart({ contextValue }) {
    const isStream = isAdmission(contextValue);
    return {
      async didResolveOperation({ operation }) {
        // GraphQL has better words for an operation that is not in the document.
        if (!operation) return;
        const isSubscription = operation.operation === 'subscription';
        if (isSubscription && !isStream) {
          throw refusal('subscriptions are answered with text/event-stream, at /graphql/stream');
        }
        if (!isSubscription && isStream) {
          throw refusal(`a ${operation.operation} is answered with JSON, at /graphql`);
        }
      },
      async responseForOperation() {
        if (!isStream) return null;
        return {
          http: { headers: new HeaderMap() },
          body: { kind: 'single', singleResult: {} },
        };
      },
    };
  },
};

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'WRONG_TRANSPORT', http: { status: 400 } },
  });
}
