import type { Scope } from '../query/scope.ts';
import type { StoreInternals } from '../store/internals.ts';
import { isLiveDataset } from './samples.ts';
import type { Formula } from './schema.ts';

const HOUR_MS = 3_600_000;

/** Events of a type that count at each of some instants. */
export async function eventCounts(
  { pool }: Pick<StoreInternals, 'pool'>,
  scope: Scope,
  formula: Extract<Formula, { type: 'event-count' }>,
  instants: readonly number[],
  liveDatasets: readonly number[],
): Promise<{
  readonly counts: ReadonlyMap<number, number>;
  /** Start of the first event of the type that may be seen, and newest time of any; null where there is none. */
  readonly first: number | null;
  readonly newest: number | null;
}> {
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
     SELECT t.t, count(e.start_ms), bounds.newest, bounds.first
     FROM (SELECT max(greatest(start_ms, coalesce(end_ms, start_ms))) AS newest, min(start_ms) AS first
           FROM event WHERE ${where}) bounds, t LEFT JOIN e ON ${counted} GROUP BY ALL`,
  );
  const counts = new Map<number, number>();
  let newest: number | null = null;
  let first: number | null = null;
  for (let row = 0; row < n; row++) {
    counts.set(Number(columns[0]![row]), Number(columns[1]![row]));
    if (columns[2]![row] !== null) newest = Number(columns[2]![row]);
    if (columns[3]![row] !== null) first = Number(columns[3]![row]);
  }
  return { counts, first, newest };
}

/** Events that counted at the end of each hour of `[from, to)`, by its start; hours before the first event are left out. */
export async function hourlyEvents(
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
  const live = liveDatasetIds(internals, scope);
  const { counts, first } = await eventCounts(internals, scope, formula, instants, live);
  return new Map(
    hours.flatMap((hour, index) => {
      // Before the first event of the type nothing was connected: a gap, not a zero.
      if (first === null || instants[index]! < first) return [];
      return [[hour, counts.get(instants[index]!) ?? 0] as const];
    }),
  );
}

/** Integer ids of live datasets that may be seen. */
export function liveDatasetIds({ state }: Pick<StoreInternals, 'state'>, scope: Scope): readonly number[] {
  return [...state.dictionary.datasets].flatMap((dataset) => {
    const id = isLiveDataset(state, scope, dataset.id) ? state.dictionary.datasetId(dataset.id) : undefined;
    return id === undefined ? [] : [id];
  });
}
