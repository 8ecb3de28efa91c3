import path from 'node:path';
import { readStackFile } from '../../src/local/stack-file.ts';
import { describeProblem, Problem } from './problem.ts';

export const START_IT = 'start it with: npm start';

/** The GraphQL endpoint of the stack that runs in this checkout. Throws Problem when none does. */
export async function findLocalEndpoint(stateDir: string): Promise<URL> {
  const stack = await readStackFile(stateDir).catch((error: unknown) => {
    const file = path.join(path.basename(stateDir), 'stack.json');
    throw new Problem(`${file} cannot be read (${describeProblem(error)}); ${START_IT}`);
  });
  if (stack === null) throw new Problem(`no stack is running here; ${START_IT}`);
  const endpoint = URL.parse(stack.graphql);
  if (endpoint === null) throw new Problem(`stack.json names no GraphQL endpoint; ${START_IT}`);
  return endpoint;
}
