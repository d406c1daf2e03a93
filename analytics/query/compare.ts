import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { CompareAnswer, Compared } from './answers.ts';
import type { Divisions } from './area.ts';
import { answeredFromAll } from './area-rows.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { partsProvenance, zoneParts } from './cube.ts';
import { aggregateOf, type Gathered, mergeBy } from './gather-parts.ts';
import type { PartsRow } from './rows.ts';
import type { Scope } from './scope.ts';
import type { CompareQuery, PartsAggregation } from './shapes.ts';

/** A property in two spans, by zone and as a whole. */
export async function queryCompare(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: CompareQuery,
): Promise<CompareAnswer> {
  const span = checkSpan(query.span);
  const other = checkSpan(query.other);
  const { unit } = requireProperty(internals.state, query.property);
  const [here, there] = await Promise.all([
    zoneParts(internals, scope, divisions, query, span),
    zoneParts(internals, scope, divisions, query, other),
  ]);
  const located = (row: PartsRow) => (row.zone === NO_ZONE ? null : row.zone);
  const parts = mergeBy(here.rows, located);
  const otherParts = mergeBy(there.rows, located);
  const grid = gridOf(query.dggrs);
  const ids = [...new Set([...parts.keys(), ...otherParts.keys()])];
  const zones = ids.map((zone) => ({
    id: grid.format(zone, here.level),
    ...compared(query.aggregation, parts.get(zone), otherParts.get(zone)),
  }));
  const all = (rows: readonly PartsRow[]) => mergeBy(rows, (row) => (row.zone === NO_ZONE ? null : 0)).get(0);
  return {
    dggrs: query.dggrs,
    level: here.level,
    property: query.property,
    unit,
    aggregation: query.aggregation,
    span,
    other,
    whole: compared(query.aggregation, all(here.rows), all(there.rows)),
    zones,
    missing: {
      span: zones.filter((zone) => zone.count === 0).length,
      other: zones.filter((zone) => zone.otherCount === 0).length,
    },
    provenance: partsProvenance(
      internals,
      [...here.rows, ...there.rows],
      answeredFromAll([here.answeredFrom, there.answeredFrom]),
      [...here.plan, ...there.plan],
    ),
  };
}

function compared(
  aggregation: PartsAggregation,
  parts: Gathered | undefined,
  otherParts: Gathered | undefined,
): Compared {
  const value = parts === undefined ? null : aggregateOf(aggregation, parts);
  const other = otherParts === undefined ? null : aggregateOf(aggregation, otherParts);
  const difference = value === null || other === null ? null : value - other;
  return {
    value,
    other,
    count: parts?.n ?? 0,
    otherCount: otherParts?.n ?? 0,
    difference,
    relative: difference === null || other === 0 || other === null ? null : difference / Math.abs(other),
  };
}
