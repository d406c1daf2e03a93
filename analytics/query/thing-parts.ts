import type { StoreInternals } from '../store/internals.ts';
import { rowsSql } from '../store/rows/rows-sql.ts';
import type { AreaPiece } from './area-rows.ts';
import { type FullParts, fullPartsRows, mergeFull } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Span } from './shapes.ts';

/** Parts of a property by Thing, from the rows: rollups do not know which Thing measured. */
export async function thingParts(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  query: {
    readonly property: string;
    readonly span: Span;
    readonly full: boolean;
    readonly datasets?: readonly string[] | undefined;
  },
  pieces: readonly AreaPiece[] = [{}],
): Promise<{ readonly groups: Map<string, FullParts>; readonly datasets: ReadonlySet<string> }> {
  const groups = new Map<string, FullParts>();
  const datasets = new Set<string>();
  const propertyId = state.dictionary.propertyId(query.property);
  if (propertyId === undefined) return { groups, datasets };
  const ids = scope.datasetIds(query.datasets);
  for (const { within, where = [] } of pieces) {
    // Who asks where learns where.
    const placed = within !== undefined || where.length > 0 || scope.area !== null;
    const rows = rowsSql(state, {
      spans: [query.span],
      datasets: ids,
      properties: [propertyId],
      zones: within,
      where: [...where, ...(scope.area === null ? [] : [scope.areaSql('beidou')])],
      columns: ['datastream', 'time', 'result'],
    });
    if (rows === null) continue;
    const more = query.full
      ? `, coalesce(var_pop(result), 0) * count(*), min(time), arg_min(result, (time, result)), max(time), arg_max(result, (time, result))`
      : '';
    const answer = await pool.run(
      `SELECT datastream, 0, 0::UBIGINT, 0::BIGINT, count(*), fsum(result), min(result), max(result), max(time)${more}
       FROM (${rows}) GROUP BY datastream`,
    );
    for (const [row, parts] of fullPartsRows(answer).entries()) {
      const stream = state.dictionary.datastream(answer.columns[0]![row] as number);
      if (stream === undefined || !scope.allowsReading(stream.dataset, query.property, placed)) continue;
      datasets.add(stream.dataset);
      const held = groups.get(stream.thing);
      groups.set(stream.thing, held === undefined ? parts : mergeFull(held, parts));
    }
  }
  return { groups, datasets };
}
