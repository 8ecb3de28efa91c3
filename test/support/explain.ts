import pg from 'pg';
import type { Prisma } from '../../src/generated/prisma/client.ts';

/** A node of a plan as EXPLAIN (FORMAT JSON) tells of it, as far as tests look at it. */
export interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

export interface Explained {
  nodes: PlanNode[];
  /** Pages of 8 kB that were looked at, in memory or not. */
  buffers: number;
  /** Rows of tables that were looked at, whether they were kept or not. */
  rowsRead: number;
}

/**
 * Runs a statement as a named one is run: planned for its values, as in the first executions, or
 * for any values, as PostgreSQL may do from the sixth on.
 */
export async function explain(
  client: pg.Client,
  mode: 'force_custom_plan' | 'force_generic_plan',
  { text, values }: Prisma.Sql,
): Promise<Explained> {
  await client.query(`SET plan_cache_mode = ${mode}`);
  await client.query(`PREPARE explained AS ${text}`);
  try {
    const literals = values.map((value) => pg.escapeLiteral(String(value)));
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained(${literals.join(', ')})`,
    );
    const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
    if (!plan) throw new Error('there is no plan');
    const nodes = nodesOf(plan.Plan);
    return {
      nodes,
      buffers: plan.Plan['Shared Hit Blocks'] + plan.Plan['Shared Read Blocks'],
      rowsRead: nodes.reduce((sum, node) => sum + rowsReadBy(node), 0),
    };
  } finally {
    await client.query('DEALLOCATE explained');
  }
}

/** The node and those below it that were run at all. */
function nodesOf(node: PlanNode): PlanNode[] {
  return node['Actual Loops'] === 0 ? [] : [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function rowsReadBy(node: PlanNode): number {
  const { 'Actual Rows': kept, 'Rows Removed by Filter': removed = 0 } = node;
  const { 'Rows Removed by Index Recheck': rechecked = 0 } = node;
  return node['Relation Name'] !== undefined
    ? (kept + removed + rechecked) * node['Actual Loops']
    : 0;
}
