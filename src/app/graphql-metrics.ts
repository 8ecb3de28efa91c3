import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../shared/request-context.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { isAdmission } from './graphql-transports.ts';

/** Counts every operation by its type when its answer is ready. */
export function countOperations(
  telemetry: Pick<Telemetry, 'operationFinished'>,
): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ operation, errors, contextValue }) {
          // Its answer is only beginning.
          if (isAdmission(contextValue) && !errors) return;
          telemetry.operationFinished(operation?.operation ?? 'invalid', errors !== undefined);
        },
      };
    },
  };
}
