import { ubigint } from '../sql/macros.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import { readAttributes } from '../store/versioned-rows.ts';
import { columnOf } from '../zones.ts';
import type { EventAnswer, EventsAnswer, FeatureAnswer, FeaturesAnswer } from './answers.ts';
import { checkLimit, checkSpan } from './checks.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { EventsQuery, FeaturesQuery, Span } from './shapes.ts';

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
}

/** SQL for the newest versions of events that may be seen and are asked for. */
export function eventWhere(scope: Scope, filter: EventFilter): string {
  const { span, zone } = filter;
  return [
    scope.datasetSql('dataset', filter.datasets, zone !== undefined || scope.area !== null),
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

/** Newest first, the newest version of each. */
export async function queryEvents(
  internals: StoreInternals,
  scope: Scope,
  query: EventsQuery,
): Promise<EventsAnswer> {
  const limit = checkLimit(query.limit, MAX_EVENTS);
  const where = eventWhere(scope, {
    ...query,
    span: query.span === undefined ? undefined : checkSpan(query.span),
    zone: query.zone === undefined ? undefined : scope.zone(query.zone),
  });
  const events = await readEvents(internals, scope, where, limit);
  return { events, provenance: eventsProvenance(internals.state, events) };
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
  },
): string {
  const { zone } = filter;
  const covered =
    zone === undefined
      ? 'true'
      : `(${insideSql(zone)} OR id IN (SELECT feature FROM feature_zone WHERE grid = '${columnOf(zone.dggrs)}'
           AND lo <= ${ubigint(zone.hi)} AND hi >= ${ubigint(zone.lo)}))`;
  return [
    scope.datasetSql('dataset', filter.datasets, zone !== undefined || scope.area !== null),
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
  query: FeaturesQuery,
): Promise<FeaturesAnswer> {
  const limit = checkLimit(query.limit, MAX_FEATURES);
  const where = featureWhere(scope, {
    ...query,
    zone: query.zone === undefined ? undefined : scope.zone(query.zone),
  });
  const { features, newest } = await readFeatures(internals, scope, where, limit);
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
