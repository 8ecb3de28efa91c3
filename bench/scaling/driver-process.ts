/** Sends batches of 50 over connections that stay open, and checks every answer: `... ID,ID,...`. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Drive, Driven } from './messages.ts';

const PATH = '/api/image/v1/serve/get-signed-urls';
const BATCH = 50;
const ids = (process.argv[2] ?? '').split(',');
const bodies = Array.from({ length: Math.floor(ids.length / BATCH) }, (_, batch) =>
  JSON.stringify({ image_ids: ids.slice(batch * BATCH, (batch + 1) * BATCH) }),
);

async function send(port: number, agent: Agent, body: string): Promise<void> {
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    request({ host: '127.0.0.1', port, agent, method: 'POST', path: PATH, headers })
      .on('response', (response) => void text(response).then(resolve, reject))
      .on('error', reject)
      .end(body);
  });
  const urls = answer.match(/[?&]Signature=/g)?.length;
  if (urls !== BATCH) throw new Error(`got ${urls} URLs: ${answer.slice(0, 200)}`);
}

/** A connection each, so that all of them are open at once and none waits for a free one. */
async function drive({ port, requests, connections }: Drive): Promise<Driven> {
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true }));
  let sent = 0;
  const started = performance.now();
  try {
    await Promise.all(
      agents.map(async (agent) => {
        while (sent < requests) {
          const body = bodies[sent % bodies.length] ?? '';
          sent += 1;
          await send(port, agent, body);
        }
      }),
    );
    return { seconds: (performance.now() - started) / 1000 };
  } finally {
    for (const agent of agents) agent.destroy();
  }
}

process.on('message', (message: Drive) => {
  drive(message).then(
    (driven) => process.send?.(driven),
    (error: unknown) => process.send?.({ problem: String(error) } satisfies Driven),
  );
});
