import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { type GraphQLSchema, parse } from 'graphql';
import { type CompiledQuery, isCompiledQuery, compileQuery as jitCompile } from 'graphql-jit';
import type { RequestContext } from '../shared/request-context.ts';
import { createTwoGenerations } from '../shared/two-generations.ts';

/** Compiling a page of the gallery takes a millisecond: worth it for what is sent again and again. */
const COMPILE_AFTER = 20;
/** Of those used last; a compiled page of the gallery takes 26 kB. */
const MAX_QUERIES = 200;
/** In characters. */
const MAX_LENGTH = 4_000;

/**
 * What no query that is compiled may have in it. Its words become part of a program, so that there must
 * be none that a client can choose freely: no quotes, hence no text but in variables, which are never
 * compiled; and of the names with two underscores, which mean something to JavaScript and to the
 * compiler, only `__typename`. Nor directives: the compiler has its own idea of where they apply.
 */
const NOT_TO_BE_COMPILED = /["@]|__(?!typename\b)/;

type Run = CompiledQuery['query'];

interface Query {
  /** How often it was asked for since it last failed. */
  uses: number;
  /** Undefined until it was compiled; null where the compiler has refused it. */
  run?: Run | null;
}

export interface CompiledQueriesOptions {
  compileAfter?: number;
  /** graphql-jit unless given. */
  compile?: typeof compile;
}

/**
 * Answers queries that come often by code that graphql-jit has made of them, where GraphQL.js looks at the
 * type of every field of every image again (docs/adr/0016-hot-paths.md).
 *
 * Only whole answers come from there: after any error GraphQL.js executes the query once more, and
 * what clients see of errors is always its own. Mutations are never executed twice, hence never here.
 */
export function compiledQueries(
  schema: GraphQLSchema,
  options: CompiledQueriesOptions = {},
): ApolloServerPlugin<RequestContext> {
  const { compileAfter = COMPILE_AFTER, compile: compileQuery = compile } = options;
  const queries = createTwoGenerations<Query>(MAX_QUERIES);

  function find(name: string): Query {
    const known = queries.get(name);
    if (known) return known;
    const query = { uses: 0 };
    queries.set(name, query);
    return query;
  }

  return {
    async requestDidStart() {
      return {
        async responseForOperation({ operation, operationName, request, source, ...context }) {
          if (operation?.operation !== 'query' || !mayBeCompiled(source)) return null;
          const query = find(`${context.queryHash} ${operationName ?? ''}`);
          query.uses += 1;
          if (query.uses <= compileAfter) return null;
          if (query.run === undefined) query.run = compileQuery(schema, source, operationName);
          if (query.run === null) return null;
          const data = await runToTheEnd(query.run, context.contextValue, request.variables);
          if (data === null) {
            query.uses = 0;
            return null;
          }
          return {
            http: { headers: new HeaderMap() },
            body: { kind: 'single', singleResult: { data } },
          };
        },
      };
    },
  };
}

function mayBeCompiled(source: string): boolean {
  return source.length <= MAX_LENGTH && !NOT_TO_BE_COMPILED.test(source);
}

/** All of the data; null when anything of it could not be had. */
async function runToTheEnd(run: Run, context: RequestContext, variables: object | undefined) {
  try {
    const { data, errors } = await run(undefined, context, variables);
    return errors ? null : (data ?? null);
  } catch (error) {
    context.logger.warn({ err: error }, 'graphql.compiled_query_failed');
    return null;
  }
}

function compile(schema: GraphQLSchema, source: string, operationName: string | null): Run | null {
  // A document of its own: the compiler writes into what it reads.
  const compiled = jitCompile(schema, parse(source), operationName ?? undefined);
  return isCompiledQuery(compiled) ? compiled.query : null;
}
