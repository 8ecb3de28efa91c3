/** Puts objects right, in one way or the other, and says what it took: `... audit|plain URL`. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { makeAuditOnePage } from '../../src/features/audit/audit-page.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { createObjectStore } from '../../src/shared/object-store.ts';
import { createPacer } from '../../src/shared/pacer.ts';
import { peakRssBytes } from '../../test/support/peak-memory.ts';
import {
  type AuditAnswer,
  type AuditCommand,
  BUCKET,
  type PageSample,
  PREFIX,
  REGION,
} from './messages.ts';
import { fixPlainly } from './plain.ts';

/** More than any machine does: nothing is to be measured but the work. */
const REQUESTS_PER_SECOND = 1_000_000;

const [, , way = '', url = ''] = process.argv;
const sent = { requests: 0, lists: 0 };
subscribe('http.client.request.start', (message) => {
  const { path } = (message as { request: ClientRequest }).request;
  sent[path.includes('list-type=2') ? 'lists' : 'requests'] += 1;
});

const store = createObjectStore({
  AWS_REGION: REGION,
  S3_INPUT_BUCKET: BUCKET,
  S3_FORCE_PATH_STYLE: true,
  AWS_ENDPOINT_URL_S3: url,
});
const auditOnePage = makeAuditOnePage({
  objects: store,
  cdn: { forgetBelow: async () => {} },
  pacer: createPacer(REQUESTS_PER_SECOND),
  logger: createLogger({ name: 'bench', level: 'error' }),
});

async function audit(objects: number, onPage: (looked: number) => void): Promise<number> {
  const request = { stage: 1, prefix: PREFIX, dryRun: false, limit: objects } as const;
  const { signal } = new AbortController();
  const intents = { add: async () => {}, earlier: new Map() };
  let fixed = 0;
  let remaining = objects;
  let after: string | null = null;
  do {
    const page = await auditOnePage(request, { after, remaining, intents }, signal);
    if (page.errors.length > 0) throw new Error(page.errors[0]?.reason);
    fixed += page.stats.fixed;
    remaining -= page.stats.processed;
    after = page.next;
    onPage(objects - remaining);
  } while (after !== null && remaining > 0);
  return fixed;
}

function pageSample(objects: number): PageSample {
  globalThis.gc?.();
  return {
    objects,
    peakRssBytes: peakRssBytes(),
    liveHeapBytes: globalThis.gc ? process.memoryUsage().heapUsed : null,
  };
}

async function measure(objects: number): Promise<AuditAnswer> {
  const pages: PageSample[] = [];
  const before = { ...sent };
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const fixed = await (way === 'audit'
    ? audit(objects, (looked) => pages.push(pageSample(looked)))
    : fixPlainly(url, objects));
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    wallSeconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    requests: sent.requests - before.requests,
    lists: sent.lists - before.lists,
    fixed,
    pages,
  };
}

async function handle(command: AuditCommand): Promise<void> {
  if (command === 'stop') {
    store.close();
    process.disconnect();
    return;
  }
  process.send?.(await measure(command.objects));
}
process.on('message', (command: AuditCommand) => void handle(command));
process.send?.('ready');
