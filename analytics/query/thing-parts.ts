import type { StoreInternals } from '../store/internals.ts';
import { rowsSql } from '../store/rows/rows-sql.ts';
import type { AreaPiece } from './area-rows.ts';
import { add, type Gathered } from './gather-parts.ts';
import type { Scope } from './scope.ts';
import type { Span } from './shapes.ts';

/** Parts of a property by Thing, from the rows: rollups do not know which Thing measured. */
export async function thingParts(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  query: {
    readonly property: string;
    readonly span: Span;
    readonly datasets?: readonly string[] | undefined;
  },
  pieces: readonly AreaPiece[] = [{}],
): Promise<{ readonly groups: Map<string, Gathered>; readonly datasets: ReadonlySet<string> }> {
  const groups = new Map<string, Gathered>();
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
    const { n, columns: c } = await pool.run(
      `SELECT datastream, count(*), fsum(result), min(result), max(result), max(time) FROM (${rows}) GROUP BY datastream`,
    );
    for (let row = 0; row < n; row++) {
      const stream = state.dictionary.datastream(c[0]![row] as number);
      if (stream === undefined || !scope.allowsReading(stream.dataset, query.property, placed)) continue;
      datasets.add(stream.dataset);
      const parts: Gathered = {
        n: Number(c[1]![row]),
        total: c[2]![row] as number,
        least: c[3]![row] as number,
        greatest: c[4]![row] as number,
        newest: Number(c[5]![row]),
      };
      const held = groups.get(stream.thing);
      if (held === undefined) groups.set(stream.thing, parts);
      else add(held, parts);
    }
  }
  return { groups, datasets };
}
