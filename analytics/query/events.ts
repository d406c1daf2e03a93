import { ubigint } from '../sql/macros.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import { readAttributes } from '../store/versioned-rows.ts';
import { columnOf } from '../zones.ts';
import type { EventAnswer, EventsAnswer, FeatureAnswer, FeaturesAnswer } from './answers.ts';
import { type Divisions, resolveArea } from './area.ts';
import { checkLimit, checkSpan } from './checks.ts';
import { type ItemArea, itemArea } from './item-area.ts';
import { type Found, findItems, keysSql } from './items.ts';
import { QueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { AreaRef, EventsQuery, FeaturesQuery, Span, ZoneRef } from './shapes.ts';

export const MAX_EVENTS = 10_000;
export const MAX_FEATURES = 50_000;

const EVENT_COLUMNS = `dataset, key, event_type, category, title, thing, status, start_ms, end_ms, updated, lon, lat,
  position_method, precision_m, attributes`;
const FEATURE_COLUMNS = 'dataset, key, feature_type, name, layer, lon, lat, attributes, updated';

export interface EventFilter {
  readonly eventTypes?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly datasets?: readonly string[] | undefined;
  readonly span?: Span | undefined;
  readonly zone?: AskedZone | undefined;
  readonly status?: 'open' | 'closed' | undefined;
  /** The question tells where: what has a masked position is left out. */
  readonly placed?: boolean | undefined;
}

/** SQL for the newest versions of events that may be seen and are asked for. */
export function eventWhere(scope: Scope, filter: EventFilter): string {
  const { span, zone } = filter;
  return [
    scope.datasetSql(
      'dataset',
      filter.datasets,
      zone !== undefined || filter.placed === true || scope.area !== null,
    ),
    scope.areaSql('beidou'),
    textsSql('event_type', filter.eventTypes),
    textsSql('category', filter.categories),
    filter.status === undefined ? 'true' : `status = '${filter.status}'`,
    // An event belongs to a span that it touches: one that has not ended counts at its start.
    span === undefined
      ? 'true'
      : `start_ms < ${Math.ceil(span.to)}::BIGINT AND coalesce(end_ms, start_ms) >= ${Math.ceil(span.from)}::BIGINT`,
    insideSql(zone),
  ].join(' AND ');
}

export async function readEvents(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  where: string,
  limit: number,
): Promise<readonly EventAnswer[]> {
  const { n, columns: c } = await pool.run(
    `SELECT ${EVENT_COLUMNS} FROM event WHERE ${where} ORDER BY start_ms DESC, seq DESC LIMIT ${limit}`,
  );
  return Array.from({ length: n }, (_, row) => {
    const at = (column: number) => c[column]![row];
    const dataset = datasetOf(state, at(0));
    return scope.event({
      id: `${dataset}/${at(1)}`,
      dataset,
      eventType: at(2) as string,
      category: at(3) as string,
      title: at(4) as string | null,
      thing: at(5) as string | null,
      status: at(6) as 'open' | 'closed' | null,
      start: Number(at(7)),
      end: at(8) === null ? null : Number(at(8)),
      updated: Number(at(9)),
      lonLat: at(10) === null ? null : [at(10) as number, at(11) as number],
      positionMethod: at(12) as string,
      precisionM: at(13) as number | null,
      attributes: readAttributes(at(14) as string),
    });
  }).filter((event) => event !== null);
}

/** The newest version of each, newest first, or those in a circle nearest first. */
export async function queryEvents(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: EventsQuery,
): Promise<EventsAnswer> {
  const limit = checkLimit(query.limit, MAX_EVENTS);
  const area = areaOf(scope, divisions, query);
  const where = eventWhere(scope, {
    ...query,
    span: query.span === undefined ? undefined : checkSpan(query.span),
    zone: query.zone === undefined ? undefined : scope.zone(query.zone),
    placed: area !== null,
  });
  const events =
    area === null
      ? await readEvents(internals, scope, where, limit)
      : await readFoundEvents(
          internals,
          scope,
          inOrder(
            await findItems(internals, scope, 'event', where, area, query.sort === 'distance' ? null : limit),
            query.sort,
            limit,
          ),
        );
  return { events, provenance: eventsProvenance(internals.state, events) };
}

/** The area of a list. @throws {QueryError} `area-invalid` for two places at once, and for a distance from nowhere. */
export function areaOf(
  scope: Scope,
  divisions: Divisions,
  query: { readonly zone?: ZoneRef; readonly area?: AreaRef; readonly sort?: string },
): ItemArea | null {
  if (query.zone !== undefined && query.area !== undefined) {
    throw new QueryError('area-invalid', 'Cannot take a zone and an area: one of the two');
  }
  if (query.sort === 'distance' && (query.area === undefined || !('circle' in query.area))) {
    throw new QueryError('area-invalid', 'Cannot sort by distance: the area must be a circle');
  }
  return query.area === undefined ? null : itemArea(scope, resolveArea(scope, divisions, query.area));
}

/** The first of what was found, nearest first where that is asked. */
function inOrder(found: readonly Found[], sort: string | undefined, limit: number): readonly Found[] {
  if (sort !== 'distance') return found.slice(0, limit);
  return [...found].sort((a, b) => (a.distanceM ?? 0) - (b.distanceM ?? 0)).slice(0, limit);
}

/** Events that were found, in that order, with their distances. */
export async function readFoundEvents(
  internals: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  found: readonly Found[],
): Promise<readonly EventAnswer[]> {
  if (found.length === 0) return [];
  return withDistances(
    internals.state,
    found,
    await readEvents(internals, scope, keysSql(internals.state, found), found.length),
  );
}

/** Features that were found, in that order, with their distances. */
export async function readFoundFeatures(
  internals: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  found: readonly Found[],
): Promise<{ readonly features: readonly FeatureAnswer[]; readonly newest: number | null }> {
  if (found.length === 0) return { features: [], newest: null };
  const { features, newest } = await readFeatures(
    internals,
    scope,
    keysSql(internals.state, found),
    found.length,
  );
  return { features: withDistances(internals.state, found, features), newest };
}

function withDistances<T extends { readonly id: string }>(
  state: StoreState,
  found: readonly Found[],
  rows: readonly T[],
): readonly T[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return found.flatMap(({ datasetId, key, distanceM }) => {
    const row = byId.get(`${datasetOf(state, datasetId)}/${key}`);
    if (row === undefined) return [];
    return [distanceM === null ? row : { ...row, distanceM }];
  });
}

export function eventsProvenance(state: StoreState, events: readonly EventAnswer[]) {
  return provenanceOf(
    state,
    events.map((event) => event.dataset),
    newestOf(events.map((event) => event.end ?? event.start)),
    'raw',
  );
}

/** SQL for features in a zone: the point of it, or any zone of its cover that overlaps. */
export function featureWhere(
  scope: Scope,
  filter: {
    readonly featureTypes?: readonly string[] | undefined;
    readonly datasets?: readonly string[] | undefined;
    readonly zone?: AskedZone | undefined;
    readonly placed?: boolean | undefined;
  },
): string {
  const { zone } = filter;
  const covered =
    zone === undefined
      ? 'true'
      : `(${insideSql(zone)} OR id IN (SELECT feature FROM feature_zone WHERE grid = '${columnOf(zone.dggrs)}'
           AND lo <= ${ubigint(zone.hi)} AND hi >= ${ubigint(zone.lo)}))`;
  return [
    scope.datasetSql(
      'dataset',
      filter.datasets,
      zone !== undefined || filter.placed === true || scope.area !== null,
    ),
    scope.areaSql('beidou'),
    textsSql('feature_type', filter.featureTypes),
    covered,
  ].join(' AND ');
}

export async function readFeatures(
  { state, pool }: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  where: string,
  limit: number,
): Promise<{ readonly features: readonly FeatureAnswer[]; readonly newest: number | null }> {
  const { n, columns: c } = await pool.run(
    `SELECT ${FEATURE_COLUMNS} FROM feature WHERE ${where} ORDER BY id LIMIT ${limit}`,
  );
  const features = Array.from({ length: n }, (_, row) => {
    const at = (column: number) => c[column]![row];
    const dataset = datasetOf(state, at(0));
    return scope.feature({
      id: `${dataset}/${at(1)}`,
      dataset,
      featureType: at(2) as string,
      name: at(3) as string | null,
      layer: at(4) as FeatureAnswer['layer'],
      lonLat: at(5) === null ? null : [at(5) as number, at(6) as number],
      attributes: readAttributes(at(7) as string),
    });
  }).filter((feature) => feature !== null);
  return { features, newest: newestOf(c[8]!.map(Number)) };
}

export async function queryFeatures(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: FeaturesQuery,
): Promise<FeaturesAnswer> {
  const limit = checkLimit(query.limit, MAX_FEATURES);
  const area = areaOf(scope, divisions, query);
  const where = featureWhere(scope, {
    ...query,
    zone: query.zone === undefined ? undefined : scope.zone(query.zone),
    placed: area !== null,
  });
  const most = query.sort === 'distance' ? null : limit;
  const { features, newest } =
    area === null
      ? await readFeatures(internals, scope, where, limit)
      : await readFoundFeatures(
          internals,
          scope,
          inOrder(await findItems(internals, scope, 'feature', where, area, most), query.sort, limit),
        );
  const datasets = features.map((feature) => feature.dataset);
  return { features, provenance: provenanceOf(internals.state, datasets, newest, 'raw') };
}

function insideSql(zone: AskedZone | undefined): string {
  if (zone === undefined) return 'true';
  return `${columnOf(zone.dggrs)} BETWEEN ${ubigint(zone.lo)} AND ${ubigint(zone.hi)}`;
}

/** An empty list asks for nothing in particular. */
function textsSql(column: string, texts: readonly string[] | undefined): string {
  if (texts === undefined || texts.length === 0) return 'true';
  return `${column} IN (${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(',')})`;
}

function datasetOf(state: StoreState, id: unknown): string {
  return state.dictionary.datasetName(id as number) ?? '';
}
