import type { StoreInternals } from '../store/internals.ts';
import { type AreaPiece, answeredFromAll } from './area-rows.ts';
import { type PartsRequest, partsSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import { type PartsRow, partsRows } from './rows.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance, PartsAggregation } from './shapes.ts';

/** Rows of parts that one question may gather. */
export const MAX_PARTS = 500_000;

/** Parts of the readings of a question, from all pieces of its area; rows of one group may come several times. */
export async function gatherParts(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  request: PartsRequest,
  pieces: readonly AreaPiece[] = [{}],
): Promise<{ readonly rows: readonly PartsRow[]; readonly answeredFrom: AnswerProvenance['answeredFrom'] }> {
  const parts = pieces.map((piece) => partsSql(state, scope, { ...request, ...piece }));
  const answers = await Promise.all(
    parts.map(async ({ sql }) => {
      const answer = await pool.run(`${sql} LIMIT ${MAX_PARTS + 1}`);
      if (answer.n <= MAX_PARTS) return partsRows(answer);
      const { columns } = await pool.run(`SELECT count(*) FROM (${sql})`);
      const estimate = Number(columns[0]![0]);
      throw new QueryError(
        'too-large',
        `Cannot gather ${estimate} zones and buckets: at most ${MAX_PARTS}, ask for a coarser level, longer buckets, a shorter span or a smaller area`,
        { estimate, limit: MAX_PARTS },
      );
    }),
  );
  return { rows: answers.flat(), answeredFrom: answeredFromAll(parts.map((part) => part.answeredFrom)) };
}

/** Several parts as one. */
export interface Gathered {
  n: number;
  total: number;
  least: number;
  greatest: number;
  newest: number;
}

/** Merges rows by a key of each; null keys are left out. */
export function mergeBy<K>(rows: readonly PartsRow[], keyOf: (row: PartsRow) => K | null): Map<K, Gathered> {
  const groups = new Map<K, Gathered>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    const held = groups.get(key);
    if (held === undefined) {
      const { n, total, least, greatest, newest } = row;
      groups.set(key, { n, total, least, greatest, newest });
    } else add(held, row);
  }
  return groups;
}

/** Adds parts to others. */
export function add(held: Gathered, more: Gathered): void {
  held.n += more.n;
  held.total += more.total;
  held.least = Math.min(held.least, more.least);
  held.greatest = Math.max(held.greatest, more.greatest);
  held.newest = Math.max(held.newest, more.newest);
}

/** The value of an aggregation. */
export function aggregateOf(aggregation: PartsAggregation, parts: Gathered): number {
  switch (aggregation) {
    case 'mean':
      return parts.total / parts.n;
    case 'min':
      return parts.least;
    case 'max':
      return parts.greatest;
    case 'count':
      return parts.n;
    case 'sum':
      return parts.total;
  }
}
