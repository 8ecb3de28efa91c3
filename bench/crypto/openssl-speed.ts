import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { KeyType } from './keys.ts';

const ALGORITHM = { ecdsa: 'ecdsap256', rsa: 'rsa2048' };
const SECONDS = 2;

/**
 * Signatures per second of CPU time, as the `openssl` command says; null where there is none, or
 * it says nothing that we understand: it is there for comparison only.
 */
export async function measureOpensslSpeed(
  type: KeyType,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const args = ['speed', '-mr', '-seconds', String(SECONDS), ALGORITHM[type]];
  try {
    const { stdout } = await promisify(execFile)('openssl', args, { ...(signal && { signal }) });
    return parseOpensslSpeed(stdout);
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/**
 * Reads what `openssl speed -mr` writes for machines: `+F2:2:2048:0.000712:0.000021:...` for RSA and
 * `+F4:2:256:...` for ECDSA, with the seconds (OpenSSL 1 and 3.0) or the number a second of signing.
 */
export function parseOpensslSpeed(output: string): number | null {
  const value = Number(/^\+F[24]:\d+:\d+:([\d.]+)/m.exec(output)?.[1] ?? Number.NaN);
  if (!(value > 0)) return null;
  return value < 1 ? 1 / value : value;
}
