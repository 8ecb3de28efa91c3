import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { json, Router } from 'express';
import type { GraphQLScalarType, GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO, GraphQLSafeInt, GraphQLURL } from 'graphql-scalars';
import { type AuditResolverDeps, makeAuditResolvers } from '../features/audit/resolvers.ts';
import {
  type DeletionResolverDeps,
  makeDeletionResolvers,
} from '../features/deletion/resolvers.ts';
import { type GalleryResolverDeps, makeGalleryResolvers } from '../features/gallery/resolvers.ts';
import { type IngestResolverDeps, makeIngestResolvers } from '../features/ingest/resolvers.ts';
import { type LiveResolverDeps, makeLiveResolvers } from '../features/live/resolvers.ts';
import { makeServeResolvers } from '../features/serve/resolvers.ts';
import {
  makeWishlistResolvers,
  type WishlistResolverDeps,
} from '../features/wishlist/resolvers.ts';
import { wholeSeconds } from '../shared/http.ts';
import type { RequestContext } from '../shared/request-context.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { compiledQueries } from './compiled-queries.ts';
import { formatError, logFaults } from './graphql-errors.ts';
import { graphqlOverHttp } from './graphql-http.ts';
import { countOperations } from './graphql-metrics.ts';
import { findNode, typeOfNode } from './graphql-nodes.ts';
import { makeGraphqlStream } from './graphql-stream.ts';
import { separateTransports } from './graphql-transports.ts';
import { errorResponder } from './http-middleware.ts';
import { makeStreamRoutes, type StreamOptions } from './stream-routes.ts';

/** Longer operations are refused before they are parsed to the end. */
const MAX_OPERATION_TOKENS = 10_000;

export interface GraphqlDeps extends SchemaDeps {
  /** Shows the schema by introspection, and a landing page to browsers. */
  explorable: boolean;
  telemetry: Pick<Telemetry, 'operationFinished' | 'live'>;
  newContext(requestId: string, userId: string | null): RequestContext;
  streams: Pick<StreamOptions, 'maxStreams' | 'heartbeatMs'>;
}

export type SchemaDeps = IngestResolverDeps &
  DeletionResolverDeps &
  GalleryResolverDeps &
  LiveResolverDeps & { wishlist: WishlistResolverDeps; audit: AuditResolverDeps };

export interface Graphql {
  router: Router;
  /** Ends every stream, so that clients go to another process. */
  closeStreams(): void;
  close(): Promise<void>;
}

/** GraphQL at `/graphql`, subscriptions at `/graphql/stream`. */
export async function makeGraphql(deps: GraphqlDeps): Promise<Graphql> {
  const { explorable, telemetry, newContext } = deps;
  const schema = makeSchema(deps);
  const server = new ApolloServer<RequestContext>({
    schema,
    introspection: explorable,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !explorable,
    csrfPrevention: true,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    parseOptions: { maxTokens: MAX_OPERATION_TOKENS },
    formatError,
    plugins: [
      logFaults,
      countOperations(telemetry),
      separateTransports,
      compiledQueries(schema),
      // Costs a quarter of a request, and no answer of ours may be cached.
      ApolloServerPluginCacheControlDisabled(),
      explorable
        ? ApolloServerPluginLandingPageLocalDefault({ footer: false })
        : ApolloServerPluginLandingPageDisabled(),
    ],
  });
  await server.start();

  const streams = makeStreamRoutes(makeGraphqlStream({ server, schema, newContext, telemetry }), {
    ...deps.streams,
    metrics: telemetry.live,
  });

  const router = Router();
  router.use('/graphql', json({ type: () => true }));
  router.all('/graphql/stream', streams.handle);
  router.use(
    '/graphql',
    streams.handleIfPreferred,
    graphqlOverHttp(server),
    errorResponder(({ message, code }) => ({ errors: [{ message, extensions: { code } }] })),
  );
  return { router, closeStreams: streams.close, close: () => server.stop() };
}

function makeSchema(deps: SchemaDeps): GraphQLSchema {
  const ingest = makeIngestResolvers(deps);
  const deletion = makeDeletionResolvers(deps);
  const gallery = makeGalleryResolvers(deps);
  const live = makeLiveResolvers(deps);
  const wishlist = makeWishlistResolvers(deps.wishlist);
  const { Query: auditQuery, Mutation: auditMutation, ...audit } = makeAuditResolvers(deps.audit);
  const serve = makeServeResolvers();
  return makeExecutableSchema({
    typeDefs: readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
    resolvers: {
      ...serve,
      ...gallery,
      ...live,
      ...audit,
      WishlistItem: wishlist.WishlistItem,
      Query: {
        ...serve.Query,
        ...gallery.Query,
        ...wishlist.Query,
        ...auditQuery,
        node: findNode,
      },
      Mutation: {
        ...ingest.Mutation,
        ...deletion.Mutation,
        ...wishlist.Mutation,
        ...auditMutation,
      },
      Node: { __resolveType: typeOfNode },
      ...scalars,
    },
    inheritResolversFromInterfaces: true,
  });
}

const scalars = {
  SafeInt: behaviourOf(GraphQLSafeInt),
  // Handed out letter by letter: the library would rewrite what others have written.
  URL: { ...behaviourOf(GraphQLURL), serialize: String },
  DateTime: {
    ...behaviourOf(GraphQLDateTimeISO),
    serialize: (value: unknown) =>
      value instanceof Date && value.getMilliseconds() === 0
        ? wholeSeconds(value)
        : trimFraction(GraphQLDateTimeISO.serialize(value)),
  },
};

/** Without the library's descriptions, which would take the place of those in schema.graphql. */
function behaviourOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}

/** A whole second is written as one, as REST does. */
function trimFraction(timestamp: unknown): string {
  const text = timestamp instanceof Date ? timestamp.toISOString() : String(timestamp);
  return text.endsWith('.000Z') ? `${text.slice(0, -'.000Z'.length)}Z` : text;
}
