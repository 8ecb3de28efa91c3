import { z } from 'zod';
import { oneLine, Problem } from './problem.ts';

/** How long one GraphQL request may take, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

const answerShape = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/**
 * Sends one operation and gives its data as the schema has it. Throws Problem for GraphQL errors,
 * for HTTP errors without them and for answers of another shape; network errors as fetch has them.
 */
export type GraphqlClient = <Schema extends z.ZodType>(
  operation: string,
  variables: Record<string, unknown>,
  shape: Schema,
) => Promise<z.output<Schema>>;

/** A client for one GraphQL endpoint; `signal` ends all of its requests. */
export function createGraphqlClient(endpoint: URL, signal: AbortSignal): GraphqlClient {
  return async (operation, variables, shape) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: operation, variables }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    const answer = answerShape.safeParse(parseJson(await response.text()));
    const messages = answer.data?.errors?.map(({ message }) => oneLine(message)) ?? [];
    if (messages.length > 0) throw new Problem(`the API said: ${messages.join('; ')}`);
    if (!response.ok) {
      throw new Problem(`the API answered ${response.status} ${response.statusText}`);
    }
    const data = shape.safeParse(answer.data?.data);
    if (!data.success)
      throw new Problem('the API answered something that is not Media API GraphQL');
    return data.data;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
