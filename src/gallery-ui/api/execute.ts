import { Client, type CombinedError, fetchExchange } from '@urql/core';
import type { TypedDocumentString } from '../../generated/gallery/graphql.ts';
import type { Environment } from '../environment.ts';
import type { Problem } from '../problems.ts';
import { makePatientFetch } from './patient-fetch.ts';
import type { ServerClock } from './server-clock.ts';

/** How long an answer may take, in milliseconds, before the service counts as unreachable. */
const TIMEOUT_MS = 30_000;

export type Answer<Data> = { ok: true; data: Data } | { ok: false; problem: Problem };

/** Sends one operation; never rejects. */
export type Execute = <Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
) => Promise<Answer<Data>>;

export type ExecuteDeps = Pick<Environment, 'fetch' | 'now' | 'after' | 'baseUrl'>;

/** GraphQL over HTTP, without a cache: the state of the page is the cache. */
export function makeExecute(env: ExecuteDeps, clock: ServerClock): Execute {
  const client = new Client({
    url: new URL('graphql', env.baseUrl).href,
    exchanges: [fetchExchange],
    // Ids and file names stay out of addresses, which get logged.
    preferGetMethod: false,
    // Only plain answers: no streams, no parts.
    fetchOptions: { headers: { accept: 'application/graphql-response+json, application/json' } },
    fetch: makePatientFetch((input, init) => timedFetch(env, clock, input, init), env.after),
  });

  function send<Data, Variables extends object>(text: string, variables: Variables) {
    const isMutation = /^\s*mutation\b/.test(text);
    return isMutation
      ? client.mutation<Data, Variables>(text, variables).toPromise()
      : client.query<Data, Variables>(text, variables).toPromise();
  }

  return async <Data, Variables extends object>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Answer<Data>> => {
    const text = document.toString();
    const { data, error } = await send<Data, Variables>(text, variables);
    if (error !== undefined) return { ok: false, problem: toProblem(error) };
    return data === undefined ? { ok: false, problem: { kind: 'unwell' } } : { ok: true, data };
  };
}

async function timedFetch(
  env: ExecuteDeps,
  clock: ServerClock,
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const timeout = new AbortController();
  const sentAt = env.now();
  const cancelTimeout = env.after(TIMEOUT_MS, () => timeout.abort());
  try {
    const signals = [timeout.signal, init?.signal].filter((signal) => signal != null);
    const response = await env.fetch(input, { ...init, signal: AbortSignal.any(signals) });
    clock.learn(response, sentAt);
    // Read here, so that the time limit holds for the body as well.
    const body = await response.text();
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  } finally {
    cancelTimeout();
  }
}

function toProblem({ networkError, graphQLErrors, response }: CombinedError): Problem {
  if (networkError !== undefined) {
    return { kind: response === undefined ? 'unreachable' : 'unwell' };
  }
  const codes = graphQLErrors.map((error) => error.extensions.code);
  const faulty = codes.some((code) => code === undefined || code === 'INTERNAL_SERVER_ERROR');
  return { kind: faulty ? 'unwell' : 'refused' };
}
