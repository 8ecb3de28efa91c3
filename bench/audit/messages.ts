/** What the bench of the audit and its processes have agreed on. */

export const REGION = 'us-east-1';
export const BUCKET = 'media';
export const PREFIX = 'uploads/';

/** Look at so many objects, or end. */
export type AuditCommand = { objects: number } | 'stop';

export interface AuditAnswer {
  wallSeconds: number;
  /** Of this process; the store has its own. */
  cpuSeconds: number;
  /** To the store, lists included. */
  requests: number;
  fixed: number;
  /** Since the process began. */
  peakRssBytes: number;
}
