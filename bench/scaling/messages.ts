/** One round of the driver. */
export interface Drive {
  port: number;
  requests: number;
  connections: number;
}

export type Driven = { seconds: number } | { problem: string };
