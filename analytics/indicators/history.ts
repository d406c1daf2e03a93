import { EXPIRED_PERIODS } from '../query/catalogue.ts';
import type { Scope } from '../query/scope.ts';
import type { StoreInternals } from '../store/internals.ts';
import { hourlyActive, hourlyFeeds } from './activity-history.ts';
import { AQI_POLLUTANTS, type AqiPollutant, aqi } from './aqi.ts';
import { hourlyEvents } from './event-history.ts';
import { HOUR_SQL, readHours } from './hours.ts';
import { evaluateLatest, isLatestFormula, propertiesOf } from './latest-formulas.ts';
import { idsOf, readingsSql } from './readings.ts';
import { type Sample, samplesOf } from './samples.ts';
import type { Formula } from './schema.ts';

const HOUR_MS = 3_600_000;
/** A reading older than this is no state of anything, whatever its period. */
const MAX_HORIZON_MS = 24 * HOUR_MS;

/**
 * How old the latest reading of a datastream may be to stand for an earlier instant, ms: until it would have expired, and
 * at least an hour. What is kept of the past may be sparser than the declared period, which is a promise about now: a
 * feed that was filled in afterwards, or thinned. A figure an hour ago must not come and go with the minute at which it
 * is asked for.
 */
function horizonOf({ stream }: Sample): number {
  return Math.min(MAX_HORIZON_MS, Math.max(HOUR_MS, EXPIRED_PERIODS * stream.periodMs));
}

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
    const horizonMs = Math.max(...now.map(horizonOf));
    const tables = readingsSql(
      internals.state,
      scope,
      [{ from: atMs - horizonMs, to: atMs + 1 }],
      idsOf(now),
    );
    if (tables === null) continue;
    const { n, columns } = await internals.pool.run(
      `SELECT datastream, max(time), arg_max(result, time), ${isRate(formula) ? 'median(gap)' : '0'}
       FROM (${isRate(formula) ? spacedSql(tables) : tables}) GROUP BY datastream`,
    );
    const then = new Map(
      Array.from({ length: n }, (_, row) => [
        columns[0]![row] as number,
        {
          time: Number(columns[1]![row]),
          value: columns[2]![row] as number,
          gap: Number(columns[3]![row] ?? 0),
        },
      ]),
    );
    byProperty.set(
      property,
      now.flatMap((sample) => {
        const found = then.get(sample.stream.id);
        if (found === undefined) return [];
        const { time, value, gap } = found;
        const stream = { ...sample.stream, periodMs: Math.max(sample.stream.periodMs, gap) };
        return [{ ...sample, time, value, stream }];
      }),
    );
  }
  return evaluateLatest(formula, byProperty, atMs, (samples) =>
    samples.filter((sample) => sample.time !== null && atMs - sample.time <= horizonOf(sample)),
  ).value;
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
        formula.perHour ? 'avg(result) / median(gap)' : 'avg(result)',
        formula.perHour ? `sum(v) * ${HOUR_MS}` : 'sum(v)',
        () => 1,
        formula.perHour,
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

function isRate(formula: Formula): boolean {
  return formula.type === 'latest-sum' && formula.perHour;
}

/**
 * Rows with their distance from the one before in the same datastream, `gap`, ms. A count is turned into a rate by the time
 * it was counted over; of the past that is how far its readings lie apart, whatever period is declared for now. The
 * median of the gaps does not mind a reading that is missing.
 */
function spacedSql(tables: string): string {
  return `SELECT *, time - lag(time) OVER (PARTITION BY datastream ORDER BY time) AS gap FROM (${tables})`;
}

/** Sum of each datastream over a window: the greatest of them, or all. */
export async function windowSum(
  internals: StoreInternals,
  scope: Scope,
  formula: Extract<Formula, { type: 'window-sum' }>,
  samples: readonly Sample[],
  atMs: number,
): Promise<{ readonly value: number | null; readonly n: number }> {
  const span = { from: atMs - formula.windowMs + 1, to: atMs + 1 };
  const tables = readingsSql(internals.state, scope, [span], idsOf(samples));
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
  return readHours(internals, `SELECT ${HOUR_SQL} AS hour, ${value} FROM (${tables}) GROUP BY hour`);
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
  spaced = false,
): Promise<ReadonlyMap<number, number>> {
  const rows = tablesOf(internals, scope, property, from, to);
  const tables = rows !== null && spaced ? spacedSql(rows) : rows;
  const weights = samplesOf(internals, scope, property).flatMap((sample) => {
    const w = weight(sample);
    return w === undefined ? [] : [`(${sample.stream.id}, ${w}::DOUBLE)`];
  });
  if (tables === null || weights.length === 0) return new Map();
  return readHours(
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
  const ids = AQI_POLLUTANTS.map((pollutant) => idsOf(samplesOf(internals, scope, pollutant)));
  const streams = ids.flatMap((list, index) => list.map((id) => `(${id}, ${index})`));
  const tables = readingsSql(internals.state, scope, [{ from, to }], ids.flat());
  if (tables === null) return new Map();
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

function tablesOf(
  internals: StoreInternals,
  scope: Scope,
  property: string,
  from: number,
  to: number,
): string | null {
  return readingsSql(internals.state, scope, [{ from, to }], idsOf(samplesOf(internals, scope, property)));
}
