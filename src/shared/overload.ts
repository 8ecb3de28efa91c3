import { HttpError } from './http.ts';

/** How a refusal for want of room looks on every interface. */
export const OVERLOADED = {
  code: 'OVERLOADED',
  message: 'the service has more to do than it can; try again later',
} as const;

const LONGEST_RETRY_SECS = 3;

/** For `Retry-After`. Different ones, so that those who are refused together do not return together. */
export function retryAfterSeconds(random: () => number = Math.random): number {
  return 1 + Math.floor(random() * LONGEST_RETRY_SECS);
}

export function overloadedError(): HttpError {
  return new HttpError(503, OVERLOADED.code, OVERLOADED.message);
}
