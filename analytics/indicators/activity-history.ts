import type { FeedStatus } from '../query/answers.ts';
import { feedStatuses } from '../query/catalogue.ts';
import { partsSql } from '../query/parts-sql.ts';
import type { Scope } from '../query/scope.ts';
import type { Span } from '../query/shapes.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import { HOUR_SQL, readHours } from './hours.ts';
import { readingsSql } from './readings.ts';
import { isLiveDataset } from './samples.ts';

const HOUR_MS = 3_600_000;

/** Things of these categories that reported in the window at the end of each hour (or now), by the start of the hour. */
export async function hourlyActive(
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
  return sql === null
    ? new Map()
    : readHours(internals, `SELECT ${HOUR_SQL} AS hour, count(DISTINCT thing)::DOUBLE ${sql} GROUP BY hour`);
}

/**
 * Things of these categories with a reading in the window that ends at an instant. Where none is in it, the window ends
 * with the newest reading of the hour before: what is kept of the past may come at longer intervals than the window. Null
 * where that hour has none: nothing ran, or nothing was connected.
 */
export async function activeAt(
  internals: StoreInternals,
  scope: Scope,
  categories: readonly string[],
  windowMs: number,
  atMs: number,
): Promise<number | null> {
  const { state, pool } = internals;
  const count = async (end: number) => {
    const sql = activeSql(state, scope, categories, [{ from: end - windowMs, to: end + 1 }]);
    return sql === null ? 0 : Number((await pool.run(`SELECT count(DISTINCT thing) ${sql}`)).columns[0]![0]);
  };
  const strict = await count(atMs);
  if (strict > 0) return strict;
  const sql = activeSql(state, scope, categories, [{ from: atMs - HOUR_MS, to: atMs + 1 }]);
  const newest = sql === null ? null : (await pool.run(`SELECT max(time) ${sql}`)).columns[0]![0];
  return newest === null || newest === undefined ? null : await count(Number(newest));
}

/** The rest of a SELECT over the readings of Things in some spans, each with the ordinal of its `thing`. */
function activeSql(
  state: StoreState,
  scope: Scope,
  categories: readonly string[],
  spans: readonly Span[],
): string | null {
  const streams: string[] = [];
  const ids: number[] = [];
  let ordinal = 0;
  for (const thing of state.dictionary.things) {
    if (!categories.includes(thing.category) || !isLiveDataset(state, scope, thing.dataset)) continue;
    for (const { id } of state.dictionary.datastreamsOfThing(thing.id)) {
      ids.push(id);
      streams.push(`(${id}, ${ordinal})`);
    }
    ordinal += 1;
  }
  const tables = readingsSql(state, scope, spans, ids);
  if (tables === null) return null;
  return `FROM (${tables})
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
