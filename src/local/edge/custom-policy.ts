import { BlockList, isIPv4 } from 'node:net';
import { wildcard } from './wildcard.ts';

/** A custom policy, read and ready to be asked. */
export interface CustomPolicy {
  allows(request: { url: string; nowSeconds: number; viewerAddress: string }): boolean;
}

type Json = Record<string, unknown>;

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** Every field of `value` is among `names`: a condition that is not understood must not be skipped. */
function hasOnly(value: Json, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name));
}

function epochTime(condition: unknown): number | undefined {
  const fields = asObject(condition);
  if (!fields || !hasOnly(fields, ['AWS:EpochTime'])) return undefined;
  const seconds = fields['AWS:EpochTime'];
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0
    ? seconds
    : undefined;
}

/** IPv4 only, as CloudFront: a viewer who comes over IPv6 never matches an `IpAddress` condition. */
function addressRange(condition: unknown): ((address: string) => boolean) | undefined {
  const fields = asObject(condition);
  if (!fields || !hasOnly(fields, ['AWS:SourceIp'])) return undefined;
  const range = fields['AWS:SourceIp'];
  if (typeof range !== 'string') return undefined;
  const [network = '', prefix = '32', ...rest] = range.split('/');
  if (rest.length > 0 || !isIPv4(network) || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) {
    return undefined;
  }
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), 'ipv4');
  return (address) => {
    // A dual-stack socket shows an IPv4 viewer as ::ffff:192.0.2.1.
    const plain = address.replace(/^::ffff:/i, '');
    return isIPv4(plain) && list.check(plain, 'ipv4');
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads the text of a custom policy (AWS "Create a signed URL using a custom policy"): one statement,
 * in an array, whose `DateLessThan` is required, `DateGreaterThan` and `IpAddress` optional, and
 * whose `Resource`, when left out, stands for every object. Undefined where it is anything else.
 */
export function parseCustomPolicy(text: string): CustomPolicy | undefined {
  const statements = asObject(parseJson(text))?.Statement;
  if (!Array.isArray(statements) || statements.length !== 1) return undefined;
  const statement = asObject(statements[0]);
  const condition = asObject(statement?.Condition);
  if (!statement || !hasOnly(statement, ['Resource', 'Condition'])) return undefined;
  if (!condition || !hasOnly(condition, ['DateLessThan', 'DateGreaterThan', 'IpAddress'])) {
    return undefined;
  }

  const resource = statement.Resource ?? '*';
  const before = epochTime(condition.DateLessThan);
  const after = condition.DateGreaterThan === undefined ? -1 : epochTime(condition.DateGreaterThan);
  const fromRange =
    condition.IpAddress === undefined ? () => true : addressRange(condition.IpAddress);
  if (typeof resource !== 'string') return undefined;
  if (before === undefined || after === undefined || fromRange === undefined) return undefined;

  const matches = wildcard(resource);
  return {
    allows: ({ url, nowSeconds, viewerAddress }) =>
      matches(url) && nowSeconds < before && nowSeconds > after && fromRange(viewerAddress),
  };
}
