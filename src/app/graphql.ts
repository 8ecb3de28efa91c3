import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { expressMiddleware } from '@as-integrations/express5';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { json, type RequestHandler, Router } from 'express';
import type { GraphQLScalarType, GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO, GraphQLSafeInt, GraphQLURL } from 'graphql-scalars';
import { type IngestResolverDeps, makeIngestResolvers } from '../features/ingest/resolvers.ts';
import { makeServeResolvers } from '../features/serve/resolvers.ts';
import { wholeSeconds } from '../shared/http.ts';
import { contextOf, type RequestContext } from '../shared/request-context.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { formatError, logFaults } from './graphql-errors.ts';
import { countOperations } from './graphql-metrics.ts';
import { errorResponder } from './http-middleware.ts';

/** Longer operations are refused before they are parsed to the end. */
const MAX_OPERATION_TOKENS = 10_000;

export interface GraphqlDeps extends IngestResolverDeps {
  /** Shows the schema by introspection, and a landing page to browsers. */
  explorable: boolean;
  telemetry: Pick<Telemetry, 'operationFinished'>;
}

export interface Graphql {
  router: Router;
  close(): Promise<void>;
}

/** GraphQL at `/graphql`. */
export async function makeGraphql(deps: GraphqlDeps): Promise<Graphql> {
  const server = new ApolloServer<RequestContext>({
    schema: makeSchema(deps),
    introspection: deps.explorable,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !deps.explorable,
    csrfPrevention: true,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    parseOptions: { maxTokens: MAX_OPERATION_TOKENS },
    formatError,
    plugins: [
      logFaults,
      countOperations(deps.telemetry),
      // Costs a quarter of a request, and no answer of ours may be cached.
      ApolloServerPluginCacheControlDisabled(),
      deps.explorable
        ? ApolloServerPluginLandingPageLocalDefault({ footer: false })
        : ApolloServerPluginLandingPageDisabled(),
    ],
  });
  await server.start();

  const router = Router();
  router.use(
    '/graphql',
    json({ type: () => true }),
    emptyBodyForGet,
    expressMiddleware(server, { context: async ({ res }) => contextOf(res) }),
    errorResponder(({ message, code }) => ({ errors: [{ message, extensions: { code } }] })),
  );
  return { router, close: () => server.stop() };
}

/** Apollo's middleware insists on a parsed body, which a GET has none of. */
const emptyBodyForGet: RequestHandler = (request, _response, next) => {
  request.body ??= {};
  next();
};

function makeSchema(deps: IngestResolverDeps): GraphQLSchema {
  const ingest = makeIngestResolvers(deps);
  const serve = makeServeResolvers();
  return makeExecutableSchema({
    typeDefs: readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
    resolvers: { ...serve, ...ingest, ...scalars },
    inheritResolversFromInterfaces: true,
  });
}

const scalars = {
  SafeInt: behaviourOf(GraphQLSafeInt),
  URL: behaviourOf(GraphQLURL),
  DateTime: {
    ...behaviourOf(GraphQLDateTimeISO),
    serialize: (value: unknown) => trimFraction(GraphQLDateTimeISO.serialize(value)),
  },
};

/** Without the library's descriptions, which would take the place of those in schema.graphql. */
function behaviourOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}

/** A whole second is written as one, as REST does. */
function trimFraction(timestamp: unknown): string {
  const text = String(timestamp);
  return text.endsWith('.000Z') ? wholeSeconds(new Date(text)) : text;
}
