import { quantileOf } from '../rollups/sketch.ts';
import type { StoreInternals } from '../store/internals.ts';
import { type PartsRequest, sketchSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import type { Scope } from './scope.ts';

export const DEFAULT_QUANTILES: readonly number[] = [0.5];
/** Quantiles of one question. */
const MAX_QUANTILES = 20;
/** Zones and bins of one answer: a zone has some hundred bins at most. */
const MAX_BINS = 500_000;

/**
 * Quantiles of the readings of each zone, within 1 % of a reading of that rank.
 *
 * @throws {QueryError} `span-invalid` for what is no quantile, `too-large` for too many zones or quantiles.
 */
export async function zoneQuantiles(
  { state, pool }: StoreInternals,
  scope: Scope,
  request: PartsRequest,
  zones: ReadonlySet<bigint>,
  quantiles: readonly number[],
): Promise<ReadonlyMap<bigint, readonly number[]>> {
  if (quantiles.length > MAX_QUANTILES) {
    throw new QueryError(
      'too-large',
      `Cannot answer with ${quantiles.length} quantiles: at most ${MAX_QUANTILES}`,
      {
        estimate: quantiles.length,
        limit: MAX_QUANTILES,
      },
    );
  }
  for (const q of quantiles) {
    if (!(q >= 0 && q <= 1)) {
      throw new QueryError('span-invalid', `Cannot answer with the quantile ${q}: it must be 0 to 1`);
    }
  }
  const { sql } = sketchSql(state, scope, request);
  const { n, columns } = await pool.run(
    `SELECT zone, bin, sum(n) FROM (${sql}) GROUP BY 1, 2 LIMIT ${MAX_BINS + 1}`,
  );
  if (n > MAX_BINS) {
    throw new QueryError(
      'too-large',
      `Cannot answer with quantiles of ${zones.size} zones: ask for a coarser level`,
      {
        estimate: n,
        limit: MAX_BINS,
      },
    );
  }
  const sketches = new Map<bigint, Map<number, number>>();
  for (let row = 0; row < n; row++) {
    const zone = columns[0]![row] as bigint;
    if (!zones.has(zone)) continue;
    const sketch = sketches.get(zone) ?? new Map<number, number>();
    sketch.set(columns[1]![row] as number, Number(columns[2]![row]));
    sketches.set(zone, sketch);
  }
  return new Map([...sketches].map(([zone, sketch]) => [zone, quantiles.map((q) => quantileOf(sketch, q)!)]));
}
