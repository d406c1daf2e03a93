import { rowsOf } from '../query/parts-sql.ts';
import type { Scope } from '../query/scope.ts';
import type { StoreInternals } from '../store/internals.ts';
import { hourlyActive, hourlyFeeds } from './activity-history.ts';
import { AQI_POLLUTANTS, type AqiPollutant, aqi } from './aqi.ts';
import { hourlyEvents } from './event-history.ts';
import { HOUR_SQL, readHours } from './hours.ts';
import { evaluateLatest, isLatestFormula, propertiesOf } from './latest-formulas.ts';
import { type Sample, samplesOf } from './samples.ts';
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
): Promise<ReadonlyMap<number, number>> {
  const tables = tablesOf(internals, scope, property, from, to);
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
