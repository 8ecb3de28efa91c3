/**
 * What a request that failed says about the store, or about the object it was for.
 *
 * - `busy`: asked too often (`SlowDown`, 503). Again later, and more slowly.
 * - `fault`: the store's own, on this request. Again.
 * - `away`: nobody answers. Again; if that stays so, there is nothing to be said about any object.
 * - `locked`: nobody is let in at all, or there is no such bucket. Not again.
 * - `missing`, `changed`: the object is gone, or another than was asked about.
 * - `refused`: this object only, and for good.
 */
export interface StoreFailure {
  kind: 'busy' | 'fault' | 'away' | 'locked' | 'missing' | 'changed' | 'refused';
  /** For operators: tells no host, bucket or key. */
  reason: string;
  /** The object is there, and cannot be read until somebody has it restored. */
  isArchived: boolean;
}

/** "Error responses", Amazon S3 API Reference: what no object is to blame for. */
const LOCKED = new Set([
  'AccountProblem',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'NoSuchBucket',
  'NotSignedUp',
  'PermanentRedirect',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
]);
const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'RequestLimitExceeded', 'Throttling']);
const FAULTS = new Set(['InternalError', 'RequestTimeout', 'OperationAborted']);
const MISSING = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound']);
const CHANGED = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);
const ARCHIVED = 'InvalidObjectState';
const REASONS: Readonly<Record<string, string>> = {
  [ARCHIVED]: 'it is archived: restore it first',
  AccessDenied: 'the store does not let the service do this (AccessDenied)',
};

/** Told from the SDK's errors by their shape. */
export function failureOf(error: unknown): StoreFailure {
  const { name, status } = shapeOf(error);
  const kind = LOCKED.has(name) ? 'locked' : kindOf(name, status);
  return { kind, reason: reasonOf(kind, name, status), isArchived: name === ARCHIVED };
}

/** The same for a code without a response of its own, as the answer about many objects has. */
export function failureOfCode(code: string): StoreFailure {
  const kind = kindOf(code, FAULTS.has(code) ? 500 : 400);
  return { kind, reason: reasonOf(kind, code, null), isArchived: code === ARCHIVED };
}

function kindOf(name: string, status: number | null): StoreFailure['kind'] {
  if (BUSY.has(name) || status === 503 || status === 429) return 'busy';
  if (status === null) return 'away';
  if (status >= 500 || FAULTS.has(name)) return 'fault';
  if (MISSING.has(name)) return 'missing';
  if (CHANGED.has(name) || status === 412) return 'changed';
  return 'refused';
}

function reasonOf(kind: StoreFailure['kind'], name: string, status: number | null): string {
  if (CHANGED.has(name)) return 'it was replaced meanwhile: run the stage again';
  // Nobody's answer: the name would be the SDK's, or Node's.
  if (kind === 'away') return 'the store did not answer';
  // Only what looks like a code of S3's is shown, which names nothing of ours.
  const code = /^[A-Z][A-Za-z]{1,63}$/.test(name) && name !== 'Unknown' ? name : status;
  return REASONS[name] ?? `the store answered ${code ?? 'with an error'}`;
}

function shapeOf(error: unknown): { name: string; status: number | null } {
  const { name, $metadata } = Object(error) as { name?: unknown; $metadata?: unknown };
  const { httpStatusCode } = Object($metadata) as { httpStatusCode?: unknown };
  return {
    name: typeof name === 'string' ? name : '',
    status: typeof httpStatusCode === 'number' ? httpStatusCode : null,
  };
}
