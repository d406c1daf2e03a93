import type { StoreInternals } from '../store/internals.ts';
import type { CountsBy, InsideAnswer, SeriesAnswer, ThingAnswer } from './answers.ts';
import { type Area, type Divisions, resolveArea } from './area.ts';
import { areaPieces } from './area-rows.ts';
import { checkSpan } from './checks.ts';
import { eventWhere, featureWhere, readFoundEvents, readFoundFeatures } from './events.ts';
import { gatherParts, mergeBy } from './gather-parts.ts';
import { type ItemArea, itemArea, rangesOfItemsSql } from './item-area.ts';
import { type Found, findItems, type ItemKind } from './items.ts';
import { newestOf, type PartsRow, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import { bucketStarts, seriesOf } from './series.ts';
import type { InsideQuery, Span } from './shapes.ts';
import { thingsWithin } from './things.ts';

/** Rows of each list; the counts are whole. */
export const INSIDE_LIST_LIMIT = 50;
const HOUR_MS = 3_600_000;
/** Between texts that make one key: in no name of anything. */
const BETWEEN = '\u001f';
/** Buckets of a short series, at most about this many. */
const SERIES_BUCKETS = 48;

/** Everything in an area, over all kinds, each at the precision it has, with a short series a property. */
export function queryInside(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: InsideQuery,
): Promise<InsideAnswer> {
  const now = internals.clock();
  // Clocks of devices may be a little ahead; what they reported belongs to "now".
  const span = query.span ?? { from: now - 24 * HOUR_MS, to: now + HOUR_MS };
  return gatherInside(internals, scope, resolveArea(scope, divisions, query.area), checkSpan(span));
}

/** As `queryInside`, of an area that is understood already. */
export async function gatherInside(
  internals: StoreInternals,
  scope: Scope,
  area: Area,
  span: Span,
): Promise<InsideAnswer> {
  const { state, clock } = internals;
  const items = itemArea(scope, area);
  // No bucket of what is to come.
  const shown = { from: span.from, to: Math.max(span.from + 1, Math.min(span.to, clock())) };
  const bucketMs = Math.max(1, Math.ceil((shown.to - shown.from) / HOUR_MS / SERIES_BUCKETS)) * HOUR_MS;
  const where = {
    event: eventWhere(scope, { span, placed: true }),
    feature: featureWhere(scope, { placed: true }),
  };
  const [parts, events, features] = await Promise.all([
    gatherParts(internals, scope, { span, properties: null, bucketMs }, areaPieces(scope, area)),
    countedIn(internals, scope, 'event', where.event, area, items),
    countedIn(internals, scope, 'feature', where.feature, area, items),
  ]);
  const things = thingsWithin(state, scope, {}, items);
  const eventList = await readFoundEvents(internals, scope, events.first);
  const featureList = await readFoundFeatures(internals, scope, features.first);
  const datasetOf = (id: number) => state.dictionary.datasetName(id) ?? '';
  const datasets = [
    ...parts.rows.map((row) => datasetOf(row.dataset)),
    ...things.map((thing) => thing.dataset),
    ...[...events.groups, ...features.groups].map((group) => group.dataset),
  ];
  const newest = newestOf([
    ...parts.rows.map((row) => row.newest),
    ...things.map((thing) => thing.newestPhenomenonTime),
    ...eventList.map((event) => event.end ?? event.start),
  ]);
  return {
    span,
    counts: {
      things: things.length,
      observations: parts.rows.reduce((sum, row) => sum + row.n, 0),
      events: sumOf(events.groups),
      features: sumOf(features.groups),
    },
    countsBy: countsBy(internals, things, parts.rows, events.groups, features.groups),
    things: things.slice(0, INSIDE_LIST_LIMIT),
    events: eventList,
    features: featureList.features,
    series: seriesByProperty(internals, parts.rows, bucketMs, bucketStarts(shown, bucketMs)),
    listLimit: INSIDE_LIST_LIMIT,
    provenance: provenanceOf(state, datasets, newest, parts.answeredFrom, parts.plan),
  };
}

/** What tells events and features apart in the counts, as one text. */
const TOLD = {
  event: 'event_type || chr(31) || category',
  feature: 'feature_type || chr(31) || layer',
} as const;

interface Group {
  readonly dataset: string;
  /** The parts of what tells it apart. */
  readonly told: readonly string[];
  readonly count: number;
}

/** Items of a kind in an area: how many by what they are, and the first of them. */
async function countedIn(
  internals: StoreInternals,
  scope: Scope,
  kind: ItemKind,
  where: string,
  area: Area,
  items: ItemArea,
): Promise<{ readonly groups: readonly Group[]; readonly first: readonly Found[] }> {
  const { pool, state } = internals;
  const dataset = (id: number) => state.dictionary.datasetName(id) ?? '';
  if (area.kind === 'zones') {
    // Ranges decide: the database counts, and a city of a million events is no more work than a street.
    const inside = `${where} AND ${rangesOfItemsSql(items, kind === 'feature')}`;
    const [{ n, columns: c }, first] = await Promise.all([
      pool.run(
        `SELECT dataset, ${TOLD[kind]} AS told, count(*) FROM ${kind} WHERE ${inside} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
      ),
      findItems(internals, scope, kind, where, items, INSIDE_LIST_LIMIT),
    ]);
    const groups = Array.from({ length: n }, (_, row) => ({
      dataset: dataset(c[0]![row] as number),
      told: (c[1]![row] as string).split(BETWEEN),
      count: Number(c[2]![row]),
    }));
    return { groups, first };
  }
  const found = await findItems(internals, scope, kind, where, items, null, TOLD[kind]);
  const keys = found.map(({ datasetId, told }) => [dataset(datasetId), ...(told as string).split(BETWEEN)]);
  const groups = tally(keys).map(([[id, ...told], count]) => ({ dataset: id!, told, count }));
  return { groups, first: found.slice(0, INSIDE_LIST_LIMIT) };
}

function sumOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function countsBy(
  { state }: StoreInternals,
  things: readonly ThingAnswer[],
  rows: readonly PartsRow[],
  events: readonly Group[],
  features: readonly Group[],
): CountsBy {
  const dataset = (id: number) => state.dictionary.datasetName(id) ?? '';
  const observations = mergeBy(rows, (row) => `${row.dataset} ${row.property}`);
  return {
    things: tally(things.map((thing) => [thing.dataset, thing.category])).map(([[id, category], count]) => ({
      dataset: id!,
      category: category!,
      count,
    })),
    observations: [...observations].map(([key, { n, newest }]) => {
      const [datasetId, property] = key.split(' ').map(Number);
      return {
        dataset: dataset(datasetId!),
        property: state.dictionary.propertyName(property!) ?? '',
        count: n,
        newestPhenomenonTime: newest,
      };
    }),
    events: events.map(({ dataset: id, told: [eventType, category], count }) => ({
      dataset: id,
      eventType: eventType!,
      category: category!,
      count,
    })),
    features: features.map(({ dataset: id, told: [featureType, layer], count }) => ({
      dataset: id,
      featureType: featureType!,
      layer: layer as CountsBy['features'][number]['layer'],
      count,
    })),
  };
}

/** How often each combination of texts comes, the most frequent first. */
function tally(keys: readonly (readonly string[])[]): readonly (readonly [readonly string[], number])[] {
  const counts = new Map<string, { readonly key: readonly string[]; count: number }>();
  for (const key of keys) {
    const name = key.join(BETWEEN);
    const held = counts.get(name);
    if (held === undefined) counts.set(name, { key, count: 1 });
    else held.count += 1;
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).map(({ key, count }) => [key, count]);
}

function seriesByProperty(
  { state }: StoreInternals,
  rows: readonly PartsRow[],
  bucketMs: number,
  starts: readonly number[],
): readonly SeriesAnswer[] {
  const byProperty = new Map<number, PartsRow[]>();
  for (const row of rows) {
    const list = byProperty.get(row.property);
    if (list === undefined) byProperty.set(row.property, [row]);
    else list.push(row);
  }
  return [...byProperty].map(([property, list]) => {
    const name = state.dictionary.propertyName(property) ?? '';
    return seriesOf(name, state.dictionary.property(name)?.unit ?? '', { bucketMs }, starts, list);
  });
}
