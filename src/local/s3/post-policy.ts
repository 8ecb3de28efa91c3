import { parseCredential, type Verifier } from './credential.ts';
import { S3Error } from './errors.ts';
import { ALGORITHM, parseTimestamp, signature, signaturesEqual, signingKey } from './sigv4.ts';

type Fields = ReadonlyMap<string, string>;

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly min: number; readonly max: number };

export interface PostPolicy {
  /** Milliseconds. */
  readonly expiration: number;
  readonly conditions: readonly Condition[];
}

/** Bytes, both inclusive. */
export interface LengthRange {
  readonly min: number;
  readonly max: number;
}

/** Fields that no policy has to mention (AWS docs, "POST Policy", "Conditions"). */
const EXEMPT = new Set(['x-amz-signature', 'file', 'policy']);

function missingField(name: string): S3Error {
  return new S3Error('InvalidArgument', {
    message: `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    details: { ArgumentName: name, ArgumentValue: '' },
  });
}

function denied(reason: string): S3Error {
  return new S3Error('AccessDenied', { message: `Invalid according to Policy: ${reason}` });
}

function badPolicy(reason: string): S3Error {
  return new S3Error('InvalidPolicyDocument', { message: `Invalid Policy: ${reason}` });
}

/**
 * Verifies who signed the policy of a form (AWS docs, "Authenticating Requests in Browser-Based
 * Uploads Using POST"): the string to sign is the base64 text of the policy itself.
 * @throws S3Error
 */
export function verifyPolicySignature(fields: Fields, verifier: Verifier): void {
  const need = (name: string): string => {
    const value = fields.get(name.toLowerCase());
    if (value === undefined || value === '') throw missingField(name);
    return value;
  };
  // Without a policy the form asks for what anybody may do, and that is nothing.
  if (!fields.has('policy')) throw new S3Error('AccessDenied');
  const policy = need('policy');
  if (need('X-Amz-Algorithm') !== ALGORITHM) {
    throw new S3Error('InvalidArgument', {
      message: `X-Amz-Algorithm only supports "${ALGORITHM}"`,
    });
  }
  const timestamp = need('X-Amz-Date');
  if (parseTimestamp(timestamp) === undefined) {
    throw new S3Error('InvalidArgument', { message: 'X-Amz-Date is not a date.' });
  }
  const credential = parseCredential(
    need('X-Amz-Credential'),
    timestamp,
    verifier,
    'AuthorizationQueryParametersError',
  );
  const provided = need('X-Amz-Signature');
  if (fields.has('x-amz-security-token')) throw new S3Error('InvalidToken');
  const key = signingKey(verifier.credentials.secretAccessKey, credential.scope);
  if (!signaturesEqual(signature(key, policy), provided)) {
    throw new S3Error('SignatureDoesNotMatch', {
      details: {
        AWSAccessKeyId: credential.accessKeyId,
        StringToSign: policy,
        SignatureProvided: provided,
      },
    });
  }
}

function parseCondition(raw: unknown): Condition[] {
  if (Array.isArray(raw)) {
    const [operator, first, second]: unknown[] = raw;
    const kind = typeof operator === 'string' ? operator.toLowerCase() : '';
    if (raw.length === 3 && kind === 'content-length-range') {
      const [min, max] = [Number(first), Number(second)];
      if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0) {
        return [{ kind, min, max }];
      }
    }
    const isMatch = kind === 'eq' || kind === 'starts-with';
    if (raw.length === 3 && isMatch && typeof first === 'string' && first.startsWith('$')) {
      if (typeof second === 'string') {
        return [{ kind, field: first.slice(1).toLowerCase(), value: second }];
      }
    }
  } else if (typeof raw === 'object' && raw !== null) {
    return Object.entries(raw).map(([field, value]: [string, unknown]) => {
      if (typeof value !== 'string') throw badPolicy('Invalid Simple-Condition.');
      return { kind: 'eq', field: field.toLowerCase(), value };
    });
  }
  throw badPolicy('Invalid Condition.');
}

/** @throws S3Error `InvalidPolicyDocument` */
export function parsePolicy(base64: string): PostPolicy {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    throw badPolicy('Invalid JSON.');
  }
  if (typeof document !== 'object' || document === null) throw badPolicy('Invalid JSON.');
  const expiration =
    'expiration' in document && typeof document.expiration === 'string'
      ? Date.parse(document.expiration)
      : Number.NaN;
  if (Number.isNaN(expiration)) throw badPolicy("Invalid 'expiration' value.");
  if (!('conditions' in document) || !Array.isArray(document.conditions)) {
    throw badPolicy("Policy missing 'conditions'.");
  }
  return { expiration, conditions: document.conditions.flatMap(parseCondition) };
}

function holds(condition: Condition, fields: Fields): boolean {
  if (condition.kind === 'content-length-range') return true;
  const value = fields.get(condition.field) ?? '';
  if (condition.kind === 'eq') return value === condition.value;
  // AWS docs: a list of content types must match in each of its parts.
  const values = condition.field === 'content-type' ? value.split(',') : [value];
  return values.every((part) => part.startsWith(condition.value));
}

function describe(condition: Condition): string {
  return condition.kind === 'content-length-range'
    ? JSON.stringify([condition.kind, condition.min, condition.max])
    : JSON.stringify([condition.kind, `$${condition.field}`, condition.value]);
}

/**
 * Holds a form against its policy. `fields` are expanded already, and hold `bucket`.
 * @param now milliseconds
 * @returns the sizes the file may have
 * @throws S3Error `AccessDenied`
 */
export function assertPolicy(policy: PostPolicy, fields: Fields, now: number): LengthRange {
  if (now > policy.expiration) throw denied('Policy expired.');
  const failed = policy.conditions.find((condition) => !holds(condition, fields));
  if (failed !== undefined) throw denied(`Policy Condition failed: ${describe(failed)}`);
  const covered = new Set(
    policy.conditions.map((condition) =>
      condition.kind === 'content-length-range' ? '' : condition.field,
    ),
  );
  const extra = [...fields.keys()].filter(
    (name) =>
      name !== 'bucket' && !EXEMPT.has(name) && !name.startsWith('x-ignore-') && !covered.has(name),
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
  let range: LengthRange = { min: 0, max: Number.MAX_SAFE_INTEGER };
  for (const condition of policy.conditions) {
    if (condition.kind !== 'content-length-range') continue;
    range = {
      min: Math.max(range.min, condition.min),
      max: Math.min(range.max, condition.max),
    };
  }
  return range;
}
