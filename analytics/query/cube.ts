import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { CubeAnswer } from './answers.ts';
import { type Divisions, resolveArea } from './area.ts';
import { coverAt } from './area-cover.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { aggregateOf, gatherParts, mergeBy, needsFull } from './gather-parts.ts';
import { newestOf, type PartsRow, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance, CubeQuery, PlanStep, Span } from './shapes.ts';

/** A property by zone and bucket of time, by columns: cells without a reading are not there. */
export async function queryCube(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: CubeQuery,
): Promise<CubeAnswer> {
  const span = checkSpan(query.span);
  const { starts: t, request, answer } = bucketsOf(internals.state, span, query);
  const { unit } = requireProperty(internals.state, query.property);
  const { level, rows, answeredFrom, plan } = await zoneParts(
    internals,
    scope,
    divisions,
    query,
    span,
    request,
  );
  const cells = mergeBy(rows, (row) => (row.zone === NO_ZONE ? null : `${row.zone} ${row.bucket}`));
  const grid = gridOf(query.dggrs);
  const bucketAt = new Map(t.map((start, index) => [start, index]));
  const zoneAt = new Map<string, number>();
  const zones: string[] = [];
  const columns = {
    zone: [] as number[],
    bucket: [] as number[],
    count: [] as number[],
    value: [] as (number | null)[],
  };
  for (const [key, parts] of cells) {
    const [zone, bucket] = key.split(' ') as [string, string];
    let index = zoneAt.get(zone);
    if (index === undefined) {
      index = zones.length;
      zones.push(grid.format(BigInt(zone), level));
      zoneAt.set(zone, index);
    }
    columns.zone.push(index);
    columns.bucket.push(bucketAt.get(Number(bucket))!);
    columns.count.push(parts.n);
    columns.value.push(aggregateOf(query.aggregation, parts));
  }
  return {
    dggrs: query.dggrs,
    level,
    property: query.property,
    unit,
    aggregation: query.aggregation,
    bucketMs: answer.bucketMs,
    ...(answer.bucket === undefined ? {} : { bucketKind: answer.bucket }),
    zones,
    t,
    ...columns,
    provenance: partsProvenance(internals, rows, answeredFrom, plan),
  };
}

/** Parts of one property by zone, and by bucket where one is given: of all zones, or of those an area touches. */
export async function zoneParts(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: Pick<CubeQuery, 'dggrs' | 'level' | 'property' | 'dataset' | 'area' | 'aggregation'>,
  span: Span,
  buckets: Buckets['request'] = {},
) {
  const { state } = internals;
  const level = scope.level(query.dggrs, query.level);
  requireProperty(state, query.property);
  if (query.dataset !== undefined) scope.requireDataset(query.dataset);
  const propertyId = state.dictionary.propertyId(query.property);
  const area = query.area === undefined ? null : resolveArea(scope, divisions, query.area);
  const gathered = await gatherParts(
    internals,
    scope,
    {
      span,
      properties: propertyId === undefined ? [] : [propertyId],
      datasets: query.dataset === undefined ? undefined : [query.dataset],
      by: { dggrs: query.dggrs, level },
      ...buckets,
      full: needsFull(query.aggregation),
    },
    area === null ? undefined : [{ within: coverAt(area, query.dggrs, level) }],
  );
  return { level, ...gathered };
}

export function partsProvenance(
  { state }: StoreInternals,
  rows: readonly PartsRow[],
  answeredFrom: AnswerProvenance['answeredFrom'],
  plan?: readonly PlanStep[],
): AnswerProvenance {
  return provenanceOf(
    state,
    rows.map((row) => state.dictionary.datasetName(row.dataset) ?? ''),
    newestOf(rows.map((row) => row.newest)),
    answeredFrom,
    plan,
  );
}
