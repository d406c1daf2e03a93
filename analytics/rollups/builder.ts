import type { DuckDBConnection } from '@duckdb/node-api';
import { isQueryError } from '../query/query-error.ts';
import type { Mutex } from '../store/mutex.ts';
import { HOUR_MS } from '../store/partitions.ts';
import type { QueryPool } from '../store/query-pool.ts';
import type { StoreState } from '../store/state.ts';
import { bucketOfLengthSql } from '../time/bucket-sql.ts';
import { type Bucket, MINUTE_MS } from '../time/city-time.ts';
import { writeDay } from './build-days.ts';
import { within, writeHours, writeParts } from './build-hours.ts';
import { COARSE_BASES, rollupTable } from './definition.ts';
import { EventCounter } from './event-counts.ts';
import { dropMinutes, saveRecords } from './records.ts';
import { joinSpans, readingsSql } from './sources.ts';
import { type BucketRecord, RECORD_BASES } from './standing.ts';

/** Readings of one transaction: half a second of work on two cores, so that no question waits long beside it. */
const SLICE_READINGS = 500_000;
/** Hours of one transaction: their spans stay a short statement. */
const SLICE_HOURS = 96;
/** Hours of which the readings are counted together, to be cut into slices. */
const COUNTED_HOURS = 2000;
/** Minutes that do not pay are dropped so long after their hour was built, ms: longer than any question planned before runs. */
const DROP_AFTER_MS = 120_000;

/** How far the building is. */
export interface BuildProgress {
  readonly hoursBuilt: number;
  readonly hoursLeft: number;
}

/**
 * Builds hours that have closed, minutes of the open hour, and days of their hours, on the connection of this upkeep: the reading and
 * the writing go on beside the loader, and only the last step, taking the dirty marks away and committing, takes its turn with it. Hours
 * that rows reached meanwhile stay dirty and are built again later; until then they are answered from the rows.
 */
export class RollupBuilder {
  readonly #pool: QueryPool;
  readonly #state: StoreState;
  readonly #writer: Mutex;
  /** Hours whose minutes do not pay and are still there, with the instant from which they may go. */
  #leftover: { readonly hour: Bucket; readonly after: number }[] = [];
  #stopped = false;
  readonly #events: EventCounter;

  constructor(pool: QueryPool, state: StoreState, writer: Mutex) {
    this.#pool = pool;
    this.#state = state;
    this.#writer = writer;
    this.#events = new EventCounter(pool, state, writer);
  }

  /** Ends a running build behind its current slice. */
  stop(): void {
    this.#stopped = true;
  }

  /** @returns How many hours were built. */
  async build(
    nowMs: number,
    maxHours: number,
    progress?: (progress: BuildProgress) => void,
  ): Promise<number> {
    await this.#dropMinutes(nowMs);
    const closed = this.#state.dirty
      .closed(nowMs, HOUR_MS)
      .filter((hour) => hour >= this.#state.droppedBefore)
      .slice(0, maxHours);
    let built = 0;
    let left = closed.length;
    for (let start = 0; start < closed.length; start += COUNTED_HOURS) {
      for (const hours of await this.#slices(closed.slice(start, start + COUNTED_HOURS))) {
        if (this.#stopped) return built;
        built += await this.#buildWhole(hours, nowMs);
        left -= hours.length;
        progress?.({ hoursBuilt: built, hoursLeft: left });
        await this.#buildMinutes(nowMs);
      }
    }
    await this.#buildMinutes(nowMs);
    while (!this.#stopped && (await this.#events.build(nowMs)) > 0);
    for (const day of [...this.#state.rollups.pendingDays].sort((a, b) => a - b)) {
      if (this.#stopped) return built;
      await this.#buildDay(day, nowMs).catch((error: unknown) => {
        if (!isQueryError(error, 'part-damaged')) throw error;
      });
    }
    return built;
  }

  /** Hours that need a part which cannot be read stay dirty; the others of the slice are built one by one. */
  async #buildWhole(hours: readonly number[], nowMs: number): Promise<number> {
    try {
      return await this.#pool.lend((connection) => this.#buildHours(connection, hours, nowMs));
    } catch (error) {
      if (!isQueryError(error, 'part-damaged')) throw error;
      let built = 0;
      for (const hour of hours.length === 1 ? [] : hours) built += await this.#buildWhole([hour], nowMs);
      return built;
    }
  }

  /** Hours cut so that each slice has a bounded number of readings, or is one hour. */
  async #slices(hours: readonly number[]): Promise<readonly (readonly number[])[]> {
    if (hours.length <= 1) return hours.length === 0 ? [] : [hours];
    const spans = joinSpans(hours.map((hour) => ({ from: hour, to: hour + HOUR_MS })));
    const hour = bucketOfLengthSql('time', HOUR_MS);
    const counts = await this.#pool
      .lend(async (connection) => {
        const source = readingsSql(this.#state, spans);
        const reader = await connection.runAndReadAll(
          `SELECT ${hour} AS hour, count(*) FROM (${source}) GROUP BY 1`,
        );
        return new Map(reader.getRows().map(([start, count]) => [Number(start), Number(count)]));
      })
      .catch((error: unknown) => {
        if (isQueryError(error, 'part-damaged')) return null;
        throw error;
      });
    if (counts === null) return hours.map((one) => [one]);
    const slices: number[][] = [];
    let room = 0;
    for (const start of hours) {
      const count = counts.get(start) ?? 0;
      const last = slices.at(-1);
      if (last === undefined || count > room || last.length >= SLICE_HOURS) {
        slices.push([start]);
        room = SLICE_READINGS - count;
      } else {
        last.push(start);
        room -= count;
      }
    }
    return slices;
  }

  async #buildHours(
    connection: DuckDBConnection,
    utcHours: readonly number[],
    nowMs: number,
  ): Promise<number> {
    const { dirty, rollups } = this.#state;
    const { calendar } = rollups;
    const versions = new Map(utcHours.map((hour) => [hour, dirty.version(hour)]));
    // Where the offset is no whole hour, a city hour lies in two of the marks, and is built with each.
    const touched = utcHours.flatMap((hour) => calendar.starts('hour', { from: hour, to: hour + HOUR_MS }));
    const starts = [...new Set(touched)]
      .filter((start) => start >= this.#state.droppedBefore)
      .sort((a, b) => a - b);
    const hours = starts.map((start) => calendar.bucketAt('hour', start));
    const days = new Set(starts.map((start) => calendar.floor('day', start)));
    await connection.run('BEGIN');
    try {
      const records =
        hours.length === 0
          ? new Map<number, BucketRecord>()
          : await writeHours(connection, this.#state, hours);
      await saveRecords(connection, 'hour', starts, records);
      const fresh = [...days].filter((day) => !rollups.pendingDays.has(day));
      if (fresh.length > 0) {
        await connection.run(
          `INSERT INTO rollup_pending VALUES ${fresh.map((day) => `('day', ${day})`).join(',')}`,
        );
      }
      return await this.#writer.run(async () => {
        const unchanged = utcHours.filter((hour) => dirty.version(hour) === versions.get(hour));
        if (unchanged.length > 0) {
          await connection.run(`DELETE FROM rollup_dirty WHERE bucket IN (${unchanged.join(',')})`);
        }
        await connection.run('COMMIT');
        for (const start of starts) {
          const record = records.get(start);
          if (record === undefined) rollups.forget('hour', start);
          else rollups.set('hour', start, record);
        }
        for (const day of days) rollups.pendingDays.add(day);
        for (const hour of unchanged) dirty.clean(hour);
        this.#noteLeftovers(hours, nowMs);
        return unchanged.length;
      });
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  #noteLeftovers(hours: readonly Bucket[], nowMs: number): void {
    for (const hour of hours) {
      const rows = this.#state.rollups.record('hour', hour.from)?.rows;
      if (RECORD_BASES.some(({ kept }, index) => kept === 'minute' && (rows?.[index] ?? -1) < 0)) {
        this.#leftover.push({ hour, after: nowMs + DROP_AFTER_MS });
      }
    }
  }

  /** Minutes that have ended, of hours that have not. */
  async #buildMinutes(nowMs: number): Promise<void> {
    const { dirty } = this.#state;
    const open = [...dirty.all].filter((hour) => hour <= nowMs && hour + HOUR_MS > nowMs);
    for (const hour of open) {
      await this.#pool.lend(async (connection) => {
        const minutes = dirty.beginMinutes(hour, nowMs);
        if (minutes.length === 0) return;
        const spans = joinSpans(minutes.map((from) => ({ from, to: from + MINUTE_MS })));
        await connection.run('BEGIN');
        try {
          for (const base of COARSE_BASES) {
            const table = rollupTable('minute', base);
            await connection.run(`DELETE FROM ${table} WHERE ${within('bucket', spans)}`);
            const source = readingsSql(this.#state, spans);
            await writeParts(connection, table, bucketOfLengthSql('time', MINUTE_MS), base, source);
          }
          await this.#writer.run(async () => {
            await connection.run('COMMIT');
            dirty.cleanMinutes(minutes);
          });
        } catch (error) {
          await connection.run('ROLLBACK').catch(() => undefined);
          throw error;
        }
      });
    }
  }

  /** A day that has ended and whose hours all stand. */
  async #buildDay(start: number, nowMs: number): Promise<void> {
    const { rollups, droppedBefore } = this.#state;
    const day = rollups.calendar.bucketAt('day', start);
    if (day.to > nowMs || day.from < droppedBefore || rollups.dirtyIn(day).length > 0) return;
    await this.#pool.lend(async (connection) => {
      await connection.run('BEGIN');
      try {
        const record = await writeDay(connection, this.#state, day);
        await saveRecords(connection, 'day', [start], new Map(record === undefined ? [] : [[start, record]]));
        await connection.run(`DELETE FROM rollup_pending WHERE bucket = ${start}`);
        await this.#writer.run(async () => {
          // Rows reached the day meanwhile: its hours come first.
          if (rollups.dirtyIn(day).length > 0) {
            await connection.run('ROLLBACK');
            return;
          }
          await connection.run('COMMIT');
          if (record === undefined) rollups.forget('day', start);
          else rollups.set('day', start, record);
          rollups.pendingDays.delete(start);
        });
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Minutes of hours that have their record and do not pay. */
  async #dropMinutes(nowMs: number): Promise<void> {
    const due = this.#leftover.filter(({ after }) => after <= nowMs);
    if (due.length === 0) return;
    this.#leftover = this.#leftover.filter(({ after }) => after > nowMs);
    const hours = due.map(({ hour }) => hour);
    await this.#pool.lend((connection) => dropMinutes(connection, this.#state, hours));
  }
}
