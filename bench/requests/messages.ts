/** What the bench says to the processes it measures and to the one that drives them. */

/** To a process under test; each is answered, `cpu` with a `CpuTime`. */
export type Command = 'cpu' | 'stop';

/** Once, when the process answers requests. */
export interface Ready {
  port: number;
}

export interface CpuTime {
  /** Of the whole process since its start, in microseconds. */
  cpuMicroseconds: number;
}

/** One HTTP request, made ready beforehand. */
export interface PreparedRequest {
  method: 'GET' | 'POST';
  path: string;
  body: string | null;
}

/** What every answer has to look like; anything else ends the bench. */
export interface Expectation {
  status: number;
  /** How many signed URLs are in it. */
  urls: number;
}

/** To the driver: send so many requests, so many at a time, and check every answer. */
export interface Drive {
  port: number;
  /** Sent in turn. */
  requests: PreparedRequest[];
  expected: Expectation;
  count: number;
  concurrency: number;
}

/** From the driver; null when all answers were as expected. */
export interface Driven {
  problem: string | null;
}
