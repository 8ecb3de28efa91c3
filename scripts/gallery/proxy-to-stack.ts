import { readStackFile } from '../../src/local/stack-file.ts';

const STATE_DIR = '.local';

/** Where Vite's development server sends what is not the page: the API of the running stack. */
export async function proxyToStack(): Promise<Record<string, string>> {
  const stack = await readStackFile(STATE_DIR);
  if (!stack) throw new Error('no stack runs here: npm start, then this in a second terminal');
  return { '/graphql': stack.api, '/api': stack.api };
}
