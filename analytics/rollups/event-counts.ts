import type { DuckDBConnection } from '@duckdb/node-api';
import type { Mutex } from '../store/mutex.ts';
import { HOUR_MS } from '../store/partitions.ts';
import type { QueryPool } from '../store/query-pool.ts';
import type { StoreState } from '../store/state.ts';
import { bucketOfLengthSql, bucketOfRunsSql } from '../time/bucket-sql.ts';
import type { Bucket, CityTime } from '../time/city-time.ts';
import { within } from './build-hours.ts';
import { baseName, type RollupBase, zoneSql } from './definition.ts';
import { joinSpans } from './sources.ts';

/**
 * Events are few beside readings, and each zone of a level holds few of them: the finest base of each grid has hardly more rows than
 * the coarsest, and all levels are derived from it.
 */
export const EVENT_BASES: readonly RollupBase[] = [
  { dggrs: 'h3', level: 10 },
  { dggrs: 'beidou2d', level: 6 },
];
export type EventTier = 'hour' | 'day';
const TIERS: readonly EventTier[] = ['hour', 'day'];

/** Hours counted in one transaction. */
const SLICE_HOURS = 500;

export function eventTable(tier: EventTier, base: RollupBase): string {
  return `rollup_events_${tier}_${baseName(base)}`;
}

/**
 * What of a span of whole city hours or days is not counted, or was reached by events since: whole buckets, ascending, joined.
 * Hours and days are counted together: what is no day for lack of time is counted by its hours.
 */
export function uncountedEvents(state: StoreState, tier: EventTier, span: Bucket): readonly Bucket[] {
  const { calendar } = state.rollups;
  const holes: { from: number; to: number }[] = [];
  for (const hour of [...state.dirtyEvents.all].sort((a, b) => a - b)) {
    const hole = { from: calendar.floor(tier, hour), to: calendar.ceil(tier, hour + HOUR_MS) };
    const last = holes.at(-1);
    if (last !== undefined && hole.from <= last.to) last.to = Math.max(last.to, hole.to);
    else holes.push(hole);
  }
  return holes.filter(({ from, to }) => from < span.to && to > span.from);
}

/** Counts events of hours that are over, and of their days, when they or a version of them came in or went. */
export class EventCounter {
  readonly #pool: QueryPool;
  readonly #state: StoreState;
  readonly #writer: Mutex;

  constructor(pool: QueryPool, state: StoreState, writer: Mutex) {
    this.#pool = pool;
    this.#state = state;
    this.#writer = writer;
  }

  /** @returns How many hours were counted. */
  async build(nowMs: number): Promise<number> {
    const { dirtyEvents, rollups } = this.#state;
    // The hour counts with its day: while the day lasts its hours stand in the table of hours, and the day's rows are told from it.
    const hours = dirtyEvents.closed(nowMs, HOUR_MS).slice(0, SLICE_HOURS);
    if (hours.length === 0) return 0;
    const versions = new Map(hours.map((hour) => [hour, dirtyEvents.version(hour)]));
    return this.#pool.lend(async (connection) => {
      await connection.run('BEGIN');
      try {
        for (const tier of TIERS) {
          const spans = spansOf(rollups.calendar, tier, hours);
          for (const base of EVENT_BASES) await count(connection, rollups.calendar, tier, base, spans);
        }
        return await this.#writer.run(async () => {
          const unchanged = hours.filter((hour) => dirtyEvents.version(hour) === versions.get(hour));
          if (unchanged.length > 0) {
            await connection.run(`DELETE FROM rollup_events_dirty WHERE bucket IN (${unchanged.join(',')})`);
          }
          await connection.run('COMMIT');
          for (const hour of unchanged) dirtyEvents.clean(hour);
          return unchanged.length;
        });
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }
}

/** Marks every hour that has an event, after the counts were lost. */
export async function forgetEventCounts(connection: DuckDBConnection, state: StoreState): Promise<void> {
  for (const tier of TIERS) {
    for (const base of EVENT_BASES) await connection.run(`DELETE FROM ${eventTable(tier, base)}`);
  }
  await connection.run('DELETE FROM rollup_events_dirty');
  await connection.run(
    `INSERT INTO rollup_events_dirty SELECT DISTINCT ${bucketOfLengthSql('start_ms', HOUR_MS)} FROM event`,
  );
  await restoreEventMarks(connection, state);
}

export async function restoreEventMarks(connection: DuckDBConnection, state: StoreState): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT DISTINCT bucket FROM rollup_events_dirty');
  state.dirtyEvents.clear();
  state.dirtyEvents.touch(reader.getRows().map(([hour]) => Number(hour)));
}

function spansOf(calendar: CityTime, tier: EventTier, hours: readonly number[]): readonly Bucket[] {
  const starts = hours.flatMap((hour) => calendar.starts(tier, { from: hour, to: hour + HOUR_MS }));
  const sorted = [...new Set(starts)].sort((a, b) => a - b);
  return joinSpans(sorted.map((start) => calendar.bucketAt(tier, start)));
}

async function count(
  connection: DuckDBConnection,
  calendar: CityTime,
  tier: EventTier,
  base: RollupBase,
  spans: readonly Bucket[],
): Promise<void> {
  const table = eventTable(tier, base);
  const runs = calendar.runs(tier, { from: spans[0]!.from, to: spans.at(-1)!.to });
  await connection.run(`DELETE FROM ${table} WHERE ${within('bucket', spans)}`);
  await connection.run(
    `INSERT INTO ${table} SELECT ${bucketOfRunsSql('start_ms', runs)} AS bucket, dataset, category, ${zoneSql(base)} AS zone,
       count(*)::BIGINT, max(start_ms) FROM event WHERE ${within('start_ms', spans)} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  );
}
