import type { ApolloServer, GraphQLRequest } from '@apollo/server';
import type { Request, Response } from 'express';
import {
  createSourceEventStream,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { createHandler, type Handler, type RequestParams } from 'graphql-sse';
import { contextOf, type RequestContext } from '../shared/request-context.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { drained } from './event-stream.ts';
import { formatError, logFaultsOf } from './graphql-errors.ts';
import { forAdmission } from './graphql-transports.ts';

export interface GraphqlStreamDeps {
  /** Checks operations; its plugins include `separateTransports`. */
  server: ApolloServer<RequestContext>;
  schema: GraphQLSchema;
  newContext(requestId: string, userId: string | null): RequestContext;
  telemetry: Pick<Telemetry, 'operationFinished' | 'live'>;
}

export type GraphqlStreamHandler = Handler<Request, { response: Response }>;

/**
 * Subscriptions over server-sent events: graphql-sse in its distinct connections mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). What is wrong with an operation
 * is told on the stream, since an EventSource cannot read any other answer.
 */
export function makeGraphqlStream(deps: GraphqlStreamDeps): GraphqlStreamHandler {
  const { server, schema, newContext, telemetry } = deps;

  async function subscribe(
    context: RequestContext,
    { query, variables, operationName }: RequestParams,
  ): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
    const name = operationName ? { operationName } : {};
    const refusals = await admit(context, { query, variables: variables ?? {}, ...name });
    if (refusals) return asSent({ data: null, errors: refusals });

    const document = parse(query);
    const args = { schema, document, variableValues: variables ?? {}, ...name };
    const source = await createSourceEventStream({ ...args, contextValue: context });
    const isRefused = !(Symbol.asyncIterator in source);
    telemetry.operationFinished('subscription', isRefused);
    if (isRefused) return format(source, context);
    return mapEvents(source, async (rootValue) => {
      // As for a request of its own: nothing is remembered from one event to the next.
      const contextValue = newContext(context.requestId, context.userId);
      telemetry.live.eventSent();
      return format(await execute({ ...args, rootValue, contextValue }), contextValue);
    });
  }

  async function admit(context: RequestContext, operation: GraphQLRequest) {
    const contextValue = forAdmission(context);
    const { body } = await server.executeOperation(operation, { contextValue });
    return body.kind === 'single' ? body.singleResult.errors : undefined;
  }

  return createHandler<Request, { response: Response }>({
    // No token: a stream carries one operation, and ends with it.
    authenticate: () => null,
    onSubscribe: ({ context: { response } }, params) => subscribe(contextOf(response), params),
    async onNext(_context, { context: { response } }) {
      // The next event is asked for only when this one can be sent.
      await drained(response);
    },
  });
}

function format({ data, errors }: ExecutionResult, { logger }: RequestContext): ExecutionResult {
  if (!errors) return { data: data ?? null };
  logFaultsOf(errors, logger);
  return asSent({
    data: data ?? null,
    errors: errors.map((error: GraphQLError) => formatError(error.toJSON(), error)),
  });
}

/** graphql-sse has the type of results as GraphQL.js makes them; it writes them as JSON. */
function asSent(result: FormattedExecutionResult): ExecutionResult {
  return result as ExecutionResult;
}

/**
 * Unlike that of an async generator, its `return` does not wait for an event that may never come
 * before it passes on that nobody listens any more.
 */
function mapEvents<Event, Result>(
  events: AsyncIterable<Event>,
  map: (event: Event) => Promise<Result>,
): AsyncIterableIterator<Result, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  const end = { done: true, value: undefined } as const;
  let isOver = false;
  async function stop(): Promise<typeof end> {
    isOver = true;
    await iterator.return?.();
    return end;
  }
  return {
    async next() {
      if (isOver) return end;
      const result = await iterator.next();
      return result.done ? end : { done: false, value: await map(result.value) };
    },
    return: stop,
    async throw(error: unknown) {
      await stop();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
