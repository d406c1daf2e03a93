import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import { columnOf, gridOf } from '../zones.ts';
import type { TopAnswer, TopRow } from './answers.ts';
import { type Area, type Divisions, resolveArea } from './area.ts';
import { areaPieces } from './area-rows.ts';
import { checkLimit, checkSpan, requireProperty } from './checks.ts';
import { partsProvenance, zoneParts } from './cube.ts';
import { eventWhere, featureWhere } from './events.ts';
import { aggregateOf, type Gathered, mergeBy, needsFull } from './gather-parts.ts';
import { itemArea } from './item-area.ts';
import { findItems } from './items.ts';
import { QueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { GridId, PartsAggregation, TopQuery } from './shapes.ts';
import { thingParts } from './thing-parts.ts';

/** Most that one question gets. */
export const MAX_TOP = 1_000;

/** The first k of zones, Things or categories. Equal values come in the order of their keys. */
export async function queryTop(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: TopQuery,
): Promise<TopAnswer> {
  const k = checkLimit(query.k, MAX_TOP);
  if (query.kind === 'observations') return topOfReadings(internals, scope, divisions, query, k);
  const { state } = internals;
  const zones = query.of === 'zones' ? gridLevel(scope, query) : null;
  const { groups, datasets } = await countedItems(internals, scope, divisions, query, zones);
  const rows = [...groups]
    .filter(([key]) => key !== null && key !== NO_ZONE)
    .map(([key, { n, newest }]) => ({
      key: zones === null ? String(key) : gridOf(zones.dggrs).format(key as bigint, zones.level),
      value: n,
      count: n,
      newestPhenomenonTime: newest,
    }));
  const first = firstOf(rows, query, k);
  return {
    of: query.of,
    kind: query.kind,
    level: zones?.level ?? null,
    unit: '1',
    rows: query.of === 'things' ? named(internals, scope, first) : first,
    groups: rows.length,
    provenance: provenanceOf(state, datasets, newestOf(first.map((row) => row.newestPhenomenonTime)), 'raw'),
  };
}

async function topOfReadings(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: TopQuery,
  k: number,
): Promise<TopAnswer> {
  const { property, span, aggregation = 'mean' } = query;
  if (query.of === 'categories') throw wrong('readings have no categories: ask for zones or Things');
  if (property === undefined) throw wrong('of readings a property is needed');
  if (span === undefined) throw wrong('of readings a span is needed');
  checkSpan(span);
  const { unit } = requireProperty(internals.state, property);
  const head = { of: query.of, kind: query.kind, unit: aggregation === 'count' ? '1' : unit };
  if (query.of === 'zones') {
    const { dggrs, level: asked } = gridLevel(scope, query);
    if (query.datasets !== undefined && query.datasets.length !== 1) {
      throw wrong('zones are those of one dataset, or of all');
    }
    const dataset = query.datasets?.[0];
    const of = {
      dggrs,
      level: asked,
      property,
      aggregation,
      ...(dataset === undefined ? {} : { dataset }),
      ...(query.area === undefined ? {} : { area: query.area }),
    };
    const { level, rows, answeredFrom, plan } = await zoneParts(internals, scope, divisions, of, span);
    const groups = mergeBy(rows, (row) => (row.zone === NO_ZONE ? null : row.zone));
    const all = [...groups].map(([zone, parts]) =>
      rowOf(gridOf(dggrs).format(zone, level), aggregation, parts),
    );
    return {
      ...head,
      level,
      rows: firstOf(all, query, k),
      groups: all.length,
      provenance: partsProvenance(internals, rows, answeredFrom, plan),
    };
  }
  const area = query.area === undefined ? null : resolveArea(scope, divisions, query.area);
  const { groups, datasets } = await thingParts(
    internals,
    scope,
    { property, span, full: needsFull(aggregation), datasets: query.datasets },
    area === null ? undefined : areaPieces(scope, area),
  );
  const all = [...groups].map(([thing, parts]) => rowOf(thing, aggregation, parts));
  const first = firstOf(all, query, k);
  return {
    ...head,
    level: null,
    rows: named(internals, scope, first),
    groups: all.length,
    provenance: provenanceOf(
      internals.state,
      datasets,
      newestOf(first.map((row) => row.newestPhenomenonTime)),
      'raw',
    ),
  };
}

interface Counted {
  n: number;
  newest: number;
}

/** Events or features by what is asked for: counted by the database, or one by one where an area has an edge. */
async function countedItems(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: TopQuery,
  zones: { readonly dggrs: GridId; readonly level: number } | null,
): Promise<{ readonly groups: Map<unknown, Counted>; readonly datasets: ReadonlySet<string> }> {
  const { state, pool } = internals;
  const kind = query.kind === 'events' ? 'event' : 'feature';
  const area: Area | null = query.area === undefined ? null : resolveArea(scope, divisions, query.area);
  const placed = area !== null || zones !== null;
  const where =
    kind === 'event'
      ? eventWhere(scope, {
          datasets: query.datasets,
          span: query.span === undefined ? undefined : checkSpan(query.span),
          placed,
        })
      : featureWhere(scope, { datasets: query.datasets, placed });
  const column = zones === null ? '' : columnOf(zones.dggrs);
  const key =
    zones !== null
      ? `${column}_parent(${column}, ${zones.level})`
      : query.of === 'things'
        ? thingColumn(kind)
        : kind === 'event'
          ? 'category'
          : 'feature_type';
  const time = kind === 'event' ? 'start_ms' : 'updated';
  const groups = new Map<unknown, Counted>();
  const datasets = new Set<string>();
  const take = (datasetId: number, value: unknown, count: number, newest: number) => {
    const dataset = state.dictionary.datasetName(datasetId) ?? '';
    if (query.of === 'things' && scope.masked(dataset, 'thing')) return;
    datasets.add(dataset);
    const held = groups.get(value);
    if (held === undefined) groups.set(value, { n: count, newest });
    else {
      held.n += count;
      held.newest = Math.max(held.newest, newest);
    }
  };
  if (area !== null) {
    const items = itemArea(scope, area);
    const told = `struct_pack(k := ${key}, t := ${time})`;
    for (const found of await findItems(internals, scope, kind, where, items, null, told)) {
      const { k, t } = (found.told as { readonly entries: { readonly k: unknown; readonly t: bigint } })
        .entries;
      take(found.datasetId, k, 1, Number(t));
    }
  } else {
    const { n, columns: c } = await pool.run(
      `SELECT dataset, ${key} AS k, count(*), max(${time}) FROM ${kind} WHERE ${where} GROUP BY 1, 2`,
    );
    for (let row = 0; row < n; row++) {
      take(c[0]![row] as number, c[1]![row], Number(c[2]![row]), Number(c[3]![row]));
    }
  }
  return { groups, datasets };
}

function thingColumn(kind: 'event' | 'feature'): string {
  if (kind === 'event') return 'thing';
  throw wrong('features belong to no Thing: ask for zones or categories');
}

function gridLevel(scope: Scope, { dggrs, level }: TopQuery) {
  if (dggrs === undefined || level === undefined) throw wrong('of zones a grid and a level are needed');
  return { dggrs, level: scope.level(dggrs, level) };
}

/** A row before it is known to have a value: a deviation of one reading has none. */
type Candidate = Omit<TopRow, 'value'> & { readonly value: number | null };

function rowOf(key: string, aggregation: PartsAggregation, parts: Gathered): Candidate {
  return {
    key,
    value: aggregateOf(aggregation, parts),
    count: parts.n,
    newestPhenomenonTime: parts.newest,
  };
}

function firstOf(rows: readonly Candidate[], { order }: TopQuery, k: number): readonly TopRow[] {
  const sign = order === 'least' ? 1 : -1;
  return rows
    .filter((row): row is TopRow => row.value !== null)
    .sort((a, b) => sign * (a.value - b.value) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .slice(0, k);
}

function named({ state }: StoreInternals, scope: Scope, rows: readonly TopRow[]): readonly TopRow[] {
  return rows.map((row) => {
    const thing = state.dictionary.thing(row.key);
    if (thing === undefined || !scope.allows(thing.dataset) || scope.masked(thing.dataset, 'name'))
      return row;
    return { ...row, name: { en: thing.nameEn, zh: thing.nameZh } };
  });
}

function wrong(why: string): QueryError {
  return new QueryError('question-invalid', `Cannot tell the first: ${why}`);
}
