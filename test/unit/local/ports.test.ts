import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { findFreePort } from '../../../src/local/ports.ts';

let servers: Server[] = [];

afterEach(async () => {
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  servers = [];
});

async function occupy(port: number, host: string): Promise<number> {
  const server = createServer().listen({ port, host });
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

test('returns the preferred port when it is free, again and again', async () => {
  const port = await findFreePort(21_000);
  expect(await findFreePort(port)).toBe(port);
  // It is left free.
  expect(await occupy(port, '127.0.0.1')).toBe(port);
});

test.each(['127.0.0.1', '0.0.0.0'])('moves up past a port taken on %s', async (host) => {
  const taken = await occupy(await findFreePort(22_000), host);
  const found = await findFreePort(taken);
  expect(found).toBeGreaterThan(taken);
  await occupy(found, '127.0.0.1');
});

test('moves up past a port that localhost would reach over IPv6', async () => {
  const free = await findFreePort(23_000);
  const hasIpv6 = await occupy(free, '::1').then(
    () => true,
    () => false,
  );
  expect((await findFreePort(free)) > free).toBe(hasIpv6);
});

test('skips ports given to others already', async () => {
  const first = await findFreePort(24_000);
  const second = await findFreePort(first, '127.0.0.1', new Set([first]));
  const third = await findFreePort(first, '127.0.0.1', new Set([first, second]));
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
});

test('finds any port for 0', async () => {
  expect(await findFreePort(0)).toBeGreaterThan(0);
});

test('gives up at the end of the range', async () => {
  const all = new Set([65_534, 65_535]);
  await expect(findFreePort(65_534, '127.0.0.1', all)).rejects.toThrow(/No free port/);
});

test('an address that is not ours is an error, not a search', async () => {
  await expect(findFreePort(25_000, '192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
});
