import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Request, RequestHandler } from 'express';
import { sendText } from '../shared/http.ts';
import { contextOf, type RequestContext } from '../shared/request-context.ts';

/**
 * What `expressMiddleware` of @as-integrations/express5 does, without two things that every request
 * paid for: `url.parse`, for which Node looks at the stack each time whether to warn of it, and
 * Express's `send`. A body has to be parsed before; a GET has none.
 */
export function graphqlOverHttp(server: ApolloServer<RequestContext>): RequestHandler {
  server.assertStarted('graphqlOverHttp()');
  return async (request, response) => {
    const answer = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersOf(request),
        search: searchOf(request.url),
        body: request.body ?? {},
      },
      context: async () => contextOf(response),
    });
    if (answer.body.kind !== 'complete') throw new Error('GraphQL.js 16 answers in one piece');
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.statusCode = answer.status ?? 200;
    sendText(response, answer.headers.get('content-type') ?? 'text/plain', answer.body.string);
  };
}

function headersOf({ headers }: Request): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

/** With the question mark; empty where there is none. */
function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start).split('#', 1).join('');
}
