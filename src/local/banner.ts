import path from 'node:path';
import type { StackFile } from './stack-file.ts';

/** The short block that start-up ends with: where everything is, and what to paste first. */
export function banner(stack: StackFile, stateDir: string): string {
  const logs = path.relative(process.cwd(), path.join(stateDir, 'logs')) || '.';
  const curl = `curl -s -X POST ${stack.api}/api/image/v1/ingest/create-presigned-url -H 'content-type: application/json' -d '{"content_type":"image/png","file_name":"hello.png"}'`;
  const operation =
    'mutation { createImageIngestUrl(input: {contentType: "image/png", fileName: "hello.png"}) { image { id status } uploadUrl uploadHeaders { name value } expiresAt userErrors { message } } }';
  return `
  Media API is running. Ctrl-C stops it.

  Gallery   ${stack.api}
  GraphQL   ${stack.graphql}
  REST      ${stack.api}/api
  Edge      ${stack.edge}
  Logs      ${logs}/api.log, ${logs}/worker.log

  Ask for an upload URL with REST:
    ${curl}

  or with GraphQL, at ${stack.graphql}:
    ${operation}

  Send pictures all the way through:
    npm run demo
`;
}
