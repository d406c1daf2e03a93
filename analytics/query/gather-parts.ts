import { standardDeviation } from '../rollups/parts.ts';
import type { StoreInternals } from '../store/internals.ts';
import { type AreaPiece, answeredFromAll } from './area-rows.ts';
import { type PartsRequest, partsSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import { type FullParts, fullPartsRows, mergeFull } from './rows.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance, PartsAggregation, PlanStep } from './shapes.ts';

/** Rows of parts that one question may gather. */
export const MAX_PARTS = 500_000;

/** Parts of the readings of a question, from all pieces of its area; rows of one group may come several times. */
export async function gatherParts(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  request: PartsRequest,
  pieces: readonly AreaPiece[] = [{}],
): Promise<{
  readonly rows: readonly FullParts[];
  readonly answeredFrom: AnswerProvenance['answeredFrom'];
  readonly plan: readonly PlanStep[];
}> {
  const parts = pieces.map((piece) => partsSql(state, scope, { ...request, ...piece }));
  const answers = await Promise.all(
    parts.map(async ({ sql }) => {
      const answer = await pool.run(`${sql} LIMIT ${MAX_PARTS + 1}`);
      if (answer.n <= MAX_PARTS) return fullPartsRows(answer);
      const { columns } = await pool.run(`SELECT count(*) FROM (${sql})`);
      const estimate = Number(columns[0]![0]);
      throw new QueryError(
        'too-large',
        `Cannot gather ${estimate} zones and buckets: at most ${MAX_PARTS}, ask for a coarser level, longer buckets, a shorter span or a smaller area`,
        { estimate, limit: MAX_PARTS },
      );
    }),
  );
  return {
    rows: answers.flat(),
    answeredFrom: answeredFromAll(parts.map((part) => part.answeredFrom)),
    plan: parts.flatMap((part) => part.plan),
  };
}

/** Aggregations that need more of the parts than sums and extremes. */
const NEED_FULL: ReadonlySet<PartsAggregation> = new Set(['first', 'last', 'stddev']);

export function needsFull(aggregation: PartsAggregation): boolean {
  return NEED_FULL.has(aggregation);
}

/** Several parts as one; what only some aggregations need is absent where it was not asked for. */
export type Gathered = Pick<
  FullParts,
  'n' | 'total' | 'least' | 'greatest' | 'newest' | 'm2' | 'first' | 'last'
>;

/** Merges rows by a key of each; null keys are left out. */
export function mergeBy<K>(
  rows: readonly FullParts[],
  keyOf: (row: FullParts) => K | null,
): Map<K, FullParts> {
  const groups = new Map<K, FullParts>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    const held = groups.get(key);
    groups.set(key, held === undefined ? row : mergeFull(held, row));
  }
  return groups;
}

/** The value of an aggregation; null for a deviation of one reading, and for a first or last that was not kept. */
export function aggregateOf(aggregation: PartsAggregation, parts: Gathered): number | null {
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
    case 'first':
      return parts.first?.result ?? null;
    case 'last':
      return parts.last?.result ?? null;
    case 'stddev':
      return parts.n < 2 || parts.m2 === undefined ? null : standardDeviation({ m2: parts.m2, n: parts.n });
  }
}
