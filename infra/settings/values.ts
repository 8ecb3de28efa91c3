import { z } from 'zod';

/** Building blocks of the settings: each describes one kind of value and what is wrong with another. */

export function count(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function oneOf<const Values extends readonly (string | number)[]>(...values: Values) {
  return z.literal(values, { error: `must be one of ${values.join(', ')}` });
}

export function matching(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}

export function email() {
  return z.email({ error: 'must be an e-mail address' });
}

/** A web origin as browsers send it, or `*` for any. */
export function webOrigin() {
  const error = 'must be * or an origin such as https://www.example.com';
  return z
    .string({ error })
    .refine((value) => value === '*' || URL.parse(value)?.origin === value, { error });
}

export function cidr() {
  return z.cidrv4({ error: 'must be an IPv4 range such as 10.0.0.0/16' });
}

/** The id of a resource that exists already, such as `vpc-0a1b2c3d`. */
export function resourceId(prefix: string) {
  return matching(
    new RegExp(`^${prefix}-[0-9a-f]{8,17}$`),
    `must be an id such as ${prefix}-0a1b2c3d4e5f60718`,
  );
}

/** @param service as in the ARN; `resource` is a pattern for what follows the account. */
export function arn(service: string, resource: string, example: string) {
  return matching(
    new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource}$`),
    `must be an ARN such as ${example}`,
  );
}

/** Complete, with the six characters that Secrets Manager adds: policies then name this secret alone. */
export function secretArn() {
  return arn(
    'secretsmanager',
    'secret:[\\w/+=.@-]+-[A-Za-z0-9]{6}',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:media-database-AbCdEf',
  );
}

/** CloudFront and its certificates and web ACLs live in us-east-1 alone. */
export function globalArn(service: string, resource: string, example: string) {
  return matching(
    new RegExp(`^arn:aws[a-z-]*:${service}:us-east-1:\\d{12}:${resource}$`),
    `must be an ARN in us-east-1 such as ${example}`,
  );
}

/**
 * A container image that a roll-back finds again: with a digest, or a tag that is not moved. What ECS
 * rolls back to is the earlier task definition, hence whatever its tag means by then.
 */
export function imageReference() {
  const error =
    'must be an image with a tag (not latest) or digest, such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/media-api:1.4.2';
  return z
    .string({ error })
    .regex(/^[a-z0-9][\w.:/-]*(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/, { error })
    .refine((image) => !image.endsWith(':latest'), { error });
}
