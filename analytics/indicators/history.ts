import type { FeedStatus } from '../query/answers.ts';
import { feedStatuses } from '../query/catalogue.ts';
import { partsSql, rowsOf } from '../query/parts-sql.ts';
import type { Scope } from '../query/scope.ts';
import type { Span } from '../query/shapes.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import { AQI_POLLUTANTS, type AqiPollutant, aqi } from './aqi.ts';
import { evaluateLatest, isLatestFormula, propertiesOf } from './latest-formulas.ts';
import { isLiveDataset, type Sample, samplesOf } from './samples.ts';
import type { Formula } from './schema.ts';

const HOUR_MS = 3_600_000;
/** A reading older than this is no state of anything, whatever its period. */
const MAX_HORIZON_MS = 24 * HOUR_MS;

/** A latest formula as of an earlier instant: the same arithmetic over the readings that were the latest then. */
export async function latestAsOf(
  internals: StoreInternals,
  scope: Scope,
  formula: Formula,
  atMs: number,
): Promise<number | null> {
  if (!isLatestFormula(formula)) return null;
  const byProperty = new Map<string, readonly Sample[]>();
  for (const property of propertiesOf(formula)) {
    const now = samplesOf(internals, scope, property);
    if (now.length === 0) continue;
    const horizonMs = Math.min(MAX_HORIZON_MS, 6 * Math.max(...now.map((sample) => sample.stream.periodMs)));
    const tables = rowsOf(
      internals.state,
      [{ from: atMs - horizonMs, to: atMs + 1 }],
      [`datastream IN (${now.map((sample) => sample.stream.id).join(',')})`, scope.areaSql('beidou')],
    );
    if (tables === null) continue;
    const { n, columns } = await internals.pool.run(
      `SELECT datastream, max(time), arg_max(result, time) FROM (${tables}) GROUP BY datastream`,
    );
    const then = new Map(
      Array.from({ length: n }, (_, row) => [
        columns[0]![row] as number,
        { time: Number(columns[1]![row]), value: columns[2]![row] as number },
      ]),
    );
    byProperty.set(
      property,
      now.flatMap((sample) => {
        const found = then.get(sample.stream.id);
        return found === undefined ? [] : [{ ...sample, ...found }];
      }),
    );
  }
  return evaluateLatest(formula, byProperty, atMs).value;
}

/**
 * One value an hour for `[from, to)`, whole hours, by the start of the hour: for latest formulas of all readings of the
 * hour, for windows of the window that ends with the hour (or now). Hours without data are left out.
 */
export async function hourlyHistory(
  internals: StoreInternals,
  scope: Scope,
  formula: Formula,
  from: number,
  to: number,
  nowMs: number,
): Promise<ReadonlyMap<number, number>> {
  switch (formula.type) {
    case 'air-quality-index':
      return hourlyAqi(internals, scope, from, to);
    case 'latest-mean':
      return gathered(internals, scope, formula.property, from, to, 'avg(result)');
    case 'latest-max':
      return gathered(internals, scope, formula.property, from, to, 'max(result)');
    case 'latest-sum':
      return perDatastream(
        internals,
        scope,
        formula.property,
        from,
        to,
        'avg(result)',
        'sum(v * w)',
        (sample) => (formula.perHour ? HOUR_MS / sample.stream.periodMs : 1),
      );
    case 'latest-share':
      if (formula.threshold === 'warn-above') {
        // Stations that were above their level at any time of the hour.
        const share = 'sum((v > w)::INTEGER)::DOUBLE';
        const value = formula.as === 'count' ? share : `100 * ${share} / count(*)`;
        return perDatastream(
          internals,
          scope,
          formula.property,
          from,
          to,
          'max(result)',
          value,
          (s) => s.warnAbove,
        );
      }
      return gathered(
        internals,
        scope,
        formula.property,
        from,
        to,
        formula.as === 'percent'
          ? `100 * avg((result >= ${formula.threshold.atLeast}::DOUBLE)::INTEGER)`
          : `count(DISTINCT datastream) FILTER (result >= ${formula.threshold.atLeast}::DOUBLE)::DOUBLE`,
      );
    case 'window-sum':
      return perDatastream(
        internals,
        scope,
        formula.property,
        from,
        to,
        'sum(result)',
        formula.gather === 'max' ? 'max(v)' : 'sum(v)',
        () => 1,
      );
    case 'active-things':
      return hourlyActive(internals, scope, formula.categories, formula.windowMs, from, to, nowMs);
    case 'event-count':
      return hourlyEvents(internals, scope, formula, from, to, nowMs);
    case 'feed-availability':
      return hourlyFeeds(internals, scope, from, to);
  }
}

/** Events of a type that count at each of some instants. */
export async function eventCounts(
  { pool }: Pick<StoreInternals, 'pool'>,
  scope: Scope,
  formula: Extract<Formula, { type: 'event-count' }>,
  instants: readonly number[],
  liveDatasets: readonly number[],
): Promise<{ readonly counts: ReadonlyMap<number, number>; readonly newest: number | null }> {
  const counted =
    formula.windowMs === undefined
      ? `start_ms <= t AND (status IS DISTINCT FROM 'closed' OR coalesce(end_ms, updated) > t)`
      : `start_ms > t - ${formula.windowMs}::BIGINT AND start_ms <= t`;
  const openOnly = formula.windowMs !== undefined && formula.status === 'open' ? `AND status = 'open'` : '';
  const datasets = liveDatasets.length === 0 ? 'false' : `dataset IN (${liveDatasets.join(',')})`;
  const where = `event_type = '${formula.eventType}' AND ${datasets} AND ${scope.areaSql('beidou')}`;
  const times = instants.map((instant) => `${Math.round(instant)}::BIGINT`).join(',');
  const { n, columns } = await pool.run(
    `WITH e AS MATERIALIZED (SELECT start_ms, end_ms, updated, status FROM event WHERE ${where} ${openOnly}),
          t AS (SELECT unnest([${times}]) AS t)
     SELECT t.t, count(e.start_ms), (SELECT max(greatest(start_ms, coalesce(end_ms, start_ms))) FROM event WHERE ${where})
     FROM t LEFT JOIN e ON ${counted} GROUP BY t.t`,
  );
  const counts = new Map<number, number>();
  let newest: number | null = null;
  for (let row = 0; row < n; row++) {
    counts.set(Number(columns[0]![row]), Number(columns[1]![row]));
    const time = columns[2]![row];
    if (time !== null) newest = Number(time);
  }
  return { counts, newest };
}

/** Sum of each datastream over a window: the greatest of them, or all. */
export async function windowSum(
  internals: StoreInternals,
  scope: Scope,
  formula: Extract<Formula, { type: 'window-sum' }>,
  samples: readonly Sample[],
  atMs: number,
): Promise<{ readonly value: number | null; readonly n: number }> {
  const tables = rowsOf(
    internals.state,
    [{ from: atMs - formula.windowMs + 1, to: atMs + 1 }],
    [
      samples.length === 0
        ? 'false'
        : `datastream IN (${samples.map((sample) => sample.stream.id).join(',')})`,
      scope.areaSql('beidou'),
    ],
  );
  if (tables === null) return { value: null, n: 0 };
  const { columns } = await internals.pool.run(
    `SELECT ${formula.gather}(v), count(*) FROM (SELECT fsum(result) AS v FROM (${tables}) GROUP BY datastream)`,
  );
  return { value: (columns[0]![0] as number | null) ?? null, n: Number(columns[1]![0]) };
}

async function gathered(
  internals: StoreInternals,
  scope: Scope,
  property: string,
  from: number,
  to: number,
  value: string,
): Promise<ReadonlyMap<number, number>> {
  const tables = tablesOf(internals, scope, property, from, to);
  if (tables === null) return new Map();
  return read(internals, `SELECT ${HOUR_SQL} AS hour, ${value} FROM (${tables}) GROUP BY hour`);
}

/** One value a datastream and hour, then one an hour; `weight` leaves datastreams out by being undefined. */
async function perDatastream(
  internals: StoreInternals,
  scope: Scope,
  property: string,
  from: number,
  to: number,
  inner: string,
  outer: string,
  weight: (sample: Sample) => number | undefined,
): Promise<ReadonlyMap<number, number>> {
  const tables = tablesOf(internals, scope, property, from, to);
  const weights = samplesOf(internals, scope, property).flatMap((sample) => {
    const w = weight(sample);
    return w === undefined ? [] : [`(${sample.stream.id}, ${w}::DOUBLE)`];
  });
  if (tables === null || weights.length === 0) return new Map();
  return read(
    internals,
    `SELECT hour, ${outer} FROM (
       SELECT ${HOUR_SQL} AS hour, datastream, ${inner} AS v FROM (${tables}) GROUP BY hour, datastream)
     JOIN (VALUES ${weights.join(',')}) weights(id, w) ON datastream = id GROUP BY hour`,
  );
}

async function hourlyAqi(
  internals: StoreInternals,
  scope: Scope,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, number>> {
  const streams = AQI_POLLUTANTS.flatMap((pollutant, index) =>
    samplesOf(internals, scope, pollutant).map((sample) => `(${sample.stream.id}, ${index})`),
  );
  const tables = rowsOf(internals.state, [{ from, to }], [scope.areaSql('beidou')]);
  if (tables === null || streams.length === 0) return new Map();
  const { n, columns } = await internals.pool.run(
    `SELECT ${HOUR_SQL} AS hour, pollutant, avg(result) FROM (${tables})
     JOIN (VALUES ${streams.join(',')}) streams(id, pollutant) ON datastream = id GROUP BY hour, pollutant`,
  );
  const means = new Map<number, Map<AqiPollutant, number>>();
  for (let row = 0; row < n; row++) {
    const hour = Number(columns[0]![row]);
    const held = means.get(hour) ?? new Map<AqiPollutant, number>();
    held.set(AQI_POLLUTANTS[columns[1]![row] as number]!, columns[2]![row] as number);
    means.set(hour, held);
  }
  return new Map([...means].map(([hour, concentrations]) => [hour, aqi(concentrations)!]));
}

async function hourlyActive(
  internals: StoreInternals,
  scope: Scope,
  categories: readonly string[],
  windowMs: number,
  from: number,
  to: number,
  nowMs: number,
): Promise<ReadonlyMap<number, number>> {
  const spans: Span[] = [];
  for (let hour = from; hour < to; hour += HOUR_MS) {
    const end = Math.min(hour + HOUR_MS, nowMs + 1);
    spans.push({ from: Math.max(hour, end - windowMs), to: end });
  }
  const sql = activeSql(internals.state, scope, categories, spans);
  return sql === null ? new Map() : read(internals, `SELECT ${HOUR_SQL} AS hour, ${sql} GROUP BY hour`);
}

/** Things of these categories with a reading in the span; null where there is none: nothing ran, or nothing was connected. */
export async function activeIn(
  internals: StoreInternals,
  scope: Scope,
  categories: readonly string[],
  span: Span,
): Promise<number | null> {
  const sql = activeSql(internals.state, scope, categories, [span]);
  if (sql === null) return null;
  const { columns } = await internals.pool.run(`SELECT ${sql}`);
  return Number(columns[0]![0]) || null;
}

/** The rest of a SELECT that counts Things by their readings in some spans. */
function activeSql(
  state: StoreState,
  scope: Scope,
  categories: readonly string[],
  spans: readonly Span[],
): string | null {
  const streams: string[] = [];
  let ordinal = 0;
  for (const thing of state.dictionary.things) {
    if (!categories.includes(thing.category) || !isLiveDataset(state, scope, thing.dataset)) continue;
    for (const stream of state.dictionary.datastreamsOfThing(thing.id))
      streams.push(`(${stream.id}, ${ordinal})`);
    ordinal += 1;
  }
  const tables = rowsOf(state, spans, [scope.areaSql('beidou')]);
  if (tables === null || streams.length === 0) return null;
  return `count(DISTINCT thing)::DOUBLE FROM (${tables})
    JOIN (VALUES ${streams.join(',')}) streams(id, thing) ON datastream = id`;
}

/** Feeds of what is: live datasets with Things or events. What has neither is a register, not a feed. */
export function feedsOf(state: StoreState, scope: Scope, nowMs: number): readonly FeedStatus[] {
  return feedStatuses(state, scope, nowMs).filter(
    (feed) =>
      isLiveDataset(state, scope, feed.dataset) && (feed.things > 0 || state.eventDatasets.has(feed.dataset)),
  );
}

/** Share of today's feeds that brought anything in the hour, per cent; hours without any are left out. */
export async function hourlyFeeds(
  internals: StoreInternals,
  scope: Scope,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, number>> {
  const { state, pool } = internals;
  const feeds = feedsOf(state, scope, to).map((feed) => state.dictionary.datasetId(feed.dataset)!);
  if (feeds.length === 0) return new Map();
  const { sql } = partsSql(state, scope, { span: { from, to }, properties: null, bucketMs: HOUR_MS });
  const events = `SELECT dataset, start_ms - start_ms % ${HOUR_MS}::BIGINT AS bucket FROM event
    WHERE start_ms >= ${from}::BIGINT AND start_ms < ${to}::BIGINT AND ${scope.areaSql('beidou')}`;
  const { n, columns } = await pool.run(
    `SELECT bucket, count(DISTINCT dataset) FROM (SELECT dataset, bucket FROM (${sql}) UNION ALL ${events})
     WHERE dataset IN (${feeds.join(',')}) GROUP BY bucket`,
  );
  return new Map(
    Array.from({ length: n }, (_, row) => [
      Number(columns[0]![row]),
      (Number(columns[1]![row]) / feeds.length) * 100,
    ]),
  );
}

async function hourlyEvents(
  internals: StoreInternals,
  scope: Scope,
  formula: Extract<Formula, { type: 'event-count' }>,
  from: number,
  to: number,
  nowMs: number,
): Promise<ReadonlyMap<number, number>> {
  const hours: number[] = [];
  for (let hour = from; hour < to; hour += HOUR_MS) hours.push(hour);
  const instants = hours.map((hour) => Math.min(hour + HOUR_MS - 1, Math.round(nowMs)));
  const { counts } = await eventCounts(internals, scope, formula, instants, liveDatasetIds(internals, scope));
  const [first] = [...(await firstEvent(internals, formula.eventType))];
  return new Map(
    hours.flatMap((hour, index) => {
      // Before the first event of the type nothing was connected: a gap, not a zero.
      if (first === undefined || instants[index]! < first) return [];
      return [[hour, counts.get(instants[index]!) ?? 0] as const];
    }),
  );
}

async function firstEvent({ pool }: StoreInternals, eventType: string): Promise<readonly number[]> {
  const { columns } = await pool.run(`SELECT min(start_ms) FROM event WHERE event_type = '${eventType}'`);
  const first = columns[0]![0];
  return first === null || first === undefined ? [] : [Number(first)];
}

/** Integer ids of live datasets that may be seen. */
export function liveDatasetIds({ state }: Pick<StoreInternals, 'state'>, scope: Scope): readonly number[] {
  return [...state.dictionary.datasets].flatMap((dataset) => {
    const id = isLiveDataset(state, scope, dataset.id) ? state.dictionary.datasetId(dataset.id) : undefined;
    return id === undefined ? [] : [id];
  });
}

const HOUR_SQL = `time - time % ${HOUR_MS}::BIGINT`;

function tablesOf(
  internals: StoreInternals,
  scope: Scope,
  property: string,
  from: number,
  to: number,
): string | null {
  const ids = samplesOf(internals, scope, property).map((sample) => sample.stream.id);
  if (ids.length === 0) return null;
  return rowsOf(
    internals.state,
    [{ from, to }],
    [`datastream IN (${ids.join(',')})`, scope.areaSql('beidou')],
  );
}

async function read({ pool }: StoreInternals, sql: string): Promise<ReadonlyMap<number, number>> {
  const { n, columns } = await pool.run(sql);
  const values = new Map<number, number>();
  for (let row = 0; row < n; row++) {
    const value = columns[1]![row];
    if (value !== null) values.set(Number(columns[0]![row]), Number(value));
  }
  return values;
}
