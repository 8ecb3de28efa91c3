import { EventEmitter } from 'node:events';
import { type Answer, send } from './local-edge.ts';

/** Something that is read all the time, under the names that it has at the time. */
export interface ReadPicture {
  bytes: Buffer;
  /** Asked anew for each request. */
  key(): string;
  /** What the answer to a request that is sent now may say. */
  types(): readonly string[];
}

export interface AuditReaders {
  /** What should not have been answered, in words; at most some. */
  problems: string[];
  /** How many answers there were, by status. */
  statuses: Map<number, number>;
  /** Resolves when every reader has read everything, all of it asked for after this call. */
  wholeRound(): Promise<void>;
  stop(): Promise<void>;
}

type Headers = Record<string, string>;

const MAX_PROBLEMS = 20;
const RANGE = { first: 2, last: 11 };

/** What a reader sends along, given the ETag that it got the last time. */
const MANNERS: ((etag: string | undefined) => Headers)[] = [
  () => ({}),
  (etag) => (etag === undefined ? {} : { 'if-none-match': etag }),
  () => ({ range: `bytes=${RANGE.first}-${RANGE.last}` }),
];

/** Readers of each manner at each edge, each of which reads all the pictures over and over. */
export function startReaders(
  edges: readonly string[],
  pictures: readonly ReadPicture[],
): AuditReaders {
  const problems: string[] = [];
  const statuses = new Map<number, number>();
  const progress = new EventEmitter();
  let isStopped = false;

  async function read(edge: string, picture: ReadPicture, headers: Headers): Promise<Answer> {
    const key = picture.key();
    const types = picture.types();
    const answer = await send(`${edge}/${key}`, { headers });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const problem = problemOf(answer, picture.bytes, types);
    if (problem && problems.length < MAX_PROBLEMS) problems.push(`${key}: ${problem}`);
    return answer;
  }

  const readers = edges.flatMap((edge) =>
    MANNERS.map((headersFor) => ({ edge, headersFor, answers: 0 })),
  );
  type Reader = (typeof readers)[number];

  async function readOn(reader: Reader): Promise<void> {
    const etags = new Map<string, string | undefined>();
    while (!isStopped) {
      for (const picture of pictures) {
        if (isStopped) return;
        const headers = reader.headersFor(etags.get(picture.key()));
        const answer = await read(reader.edge, picture, headers);
        etags.set(picture.key(), answer.headers.etag);
        reader.answers += 1;
        progress.emit('answer');
      }
    }
  }
  const running = Promise.all(readers.map(readOn));
  // Whoever waits for a round or the end is told.
  running.catch(() => {});

  return {
    problems,
    statuses,
    async wholeRound() {
      // One more: what is being asked for has been asked for before.
      const wanted = readers.map(({ answers }) => answers + pictures.length + 1);
      const isDone = () => readers.every(({ answers }, index) => answers >= (wanted[index] ?? 0));
      const done = new Promise<void>((resolve) => {
        const look = () => {
          if (!isDone()) return;
          progress.off('answer', look);
          resolve();
        };
        progress.on('answer', look);
      });
      await Promise.race([done, running]);
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

function problemOf(
  { status, headers, body }: Answer,
  bytes: Buffer,
  types: readonly string[],
): string | null {
  const type = headers['content-type'];
  const isRightType = type === undefined ? status === 304 : types.includes(type);
  const expected = new Map([
    [200, bytes],
    [206, bytes.subarray(RANGE.first, RANGE.last + 1)],
    [304, Buffer.alloc(0)],
  ]).get(status);
  if (!expected) return `answered ${status}`;
  if (!isRightType) return `is ${type}, not ${types.join(' or ')}`;
  return body.equals(expected) ? null : `has other bytes (${status})`;
}
