import { fromPrisma, PgBoss } from 'pg-boss';

/** The part of a transaction of Prisma's that a job is sent with. */
export type JobTransaction = Parameters<typeof fromPrisma>[0];

export interface SendOptions {
  /** In a queue with the policy `short`: another job with this key that waits is enough. */
  key?: string;
  /** Nobody takes it before. */
  startAfterSeconds?: number;
}

/** Sends a job as part of a transaction: it is there if the transaction is, and not otherwise. */
export type SendJob = (
  transaction: JobTransaction,
  data: object,
  options?: SendOptions,
) => Promise<void>;

/**
 * For processes that send jobs to this queue and run none: holds no connection, changes no schema.
 * Sending rejects, and the transaction cannot go on, as long as no runner has made schema and queue,
 * or the database role may not write there.
 */
export function createJobSender(queue: string): SendJob {
  return async (transaction, data, { key, startAfterSeconds } = {}) => {
    // One for each transaction, so that its look at the queue does not need a second connection:
    // requests that hold one each and wait for another would wait for each other.
    const boss = new PgBoss({
      db: fromPrisma(transaction),
      migrate: false,
      schedule: false,
      supervise: false,
    });
    const id = await boss.send(queue, data, {
      ...(key !== undefined && { singletonKey: key }),
      ...(startAfterSeconds !== undefined && { startAfter: startAfterSeconds }),
    });
    if (id === null && key === undefined) throw new Error(`${queue} has not taken the job`);
  };
}
