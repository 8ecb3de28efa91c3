import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Edge } from '../../src/local/edge/server.ts';
import {
  createTestKey,
  type FakeOrigin,
  send,
  signUrl,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const PICTURES = 100;
const READERS = 20;

const key = createTestKey('K1', 'ec');
let origin: FakeOrigin;
let edge: Edge;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'edge-gallery-'));
  origin = await startFakeOrigin();
  origin.handle = (request, response) => {
    const body = `picture ${request.url}`;
    response.writeHead(200, { 'Content-Length': body.length, 'Content-Type': 'image/gif' });
    response.end(body);
  };
  const accessLogFile = path.join(directory, 'access.log');
  edge = await startTestEdge(origin, [key], { accessLogFile });
});
afterAll(async () => {
  await edge.close();
  await origin.stop();
  await rm(directory, { recursive: true });
});

/** As the API hands it out to one reader: the same picture has another signature for each. */
function pictureUrl(picture: number, reader: number): string {
  const url = `${edge.url}/ingest/picture-${picture}?versionId=v${picture}`;
  return signUrl(url, Math.floor(Date.now() / 1000) + 600 + reader, key);
}

test('100 pictures, read by 20 at the same time, are hits for over 80 % and come from the origin once', async () => {
  async function readAll(reader: number): Promise<void> {
    for (let picture = 0; picture < PICTURES; picture += 1) {
      const answer = await send(pictureUrl(picture, reader));
      expect(answer.text).toBe(`picture /media/ingest/picture-${picture}?versionId=v${picture}`);
    }
  }
  await Promise.all(Array.from({ length: READERS }, (_, reader) => readAll(reader)));

  const asked = origin.requests.map(({ url }) => url);
  expect(asked).toHaveLength(PICTURES);
  expect(new Set(asked).size).toBe(PICTURES);

  await edge.close();
  const lines = (await readFile(path.join(directory, 'access.log'), 'utf8')).trimEnd().split('\n');
  const results = lines.slice(2).map((line) => line.split('\t')[13]);
  expect(results).toHaveLength(PICTURES * READERS);
  // Whoever waits for another's miss is a hit.
  expect(results.filter((result) => result === 'Miss')).toHaveLength(PICTURES);
  const hitRatio = results.filter((result) => result === 'Hit').length / results.length;
  expect(hitRatio).toBeGreaterThan(0.8);
});
