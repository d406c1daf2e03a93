import type { DuckDBConnection } from '@duckdb/node-api';
import type { DirtyHours } from '../store/dirty-hours.ts';
import { HOUR_MS } from '../store/partitions.ts';
import { type Bucket, CityTime, countBuckets, MINUTE_MS } from '../time/city-time.ts';
import { COARSE_BASES, ROLLUP_BASES, type RollupBase, type Tier } from './definition.ts';

/** What was built of one bucket. */
export interface BucketRecord {
  readonly readings: number;
  /** Rows by base, in the order of `RECORD_BASES`; -1 where the base is not kept. */
  readonly rows: readonly number[];
}

/** Of an hour also what its minutes have, of a day its sketches. */
export type Kept = Tier | 'sketch';

/** Bases of a record: those of the tier itself, those of the minutes of an hour, those of the sketches of a day. */
export const RECORD_BASES: readonly {
  readonly kept: 'parts' | 'minute' | 'sketch';
  readonly base: RollupBase;
}[] = [
  ...ROLLUP_BASES.map((base) => ({ kept: 'parts' as const, base })),
  ...COARSE_BASES.map((base) => ({ kept: 'minute' as const, base })),
  ...COARSE_BASES.map((base) => ({ kept: 'sketch' as const, base })),
];

/** A set, or the keys of a map. */
type BucketSet = Pick<ReadonlySet<number>, 'size' | 'has' | 'keys'>;

type RecordTier = Exclude<Tier, 'minute'>;

/**
 * Which buckets of which base stand: built, and untouched since. What is neither dirty, nor waits, nor has a record never had a
 * reading: it stands, with no rows. Kept in `rollup_bucket` and `rollup_pending`, and here.
 */
export class RollupStanding {
  /** The city's calendar; set before anything is restored. */
  calendar = new CityTime('Asia/Shanghai');
  readonly #dirty: DirtyHours;
  readonly #records: Readonly<Record<RecordTier, Map<number, BucketRecord>>> = {
    hour: new Map(),
    day: new Map(),
  };
  /** By tier and index of base: buckets where it is not kept. */
  readonly #absent: Readonly<Record<RecordTier, readonly Set<number>[]>> = {
    hour: RECORD_BASES.map(() => new Set()),
    day: RECORD_BASES.map(() => new Set()),
  };
  /** City days that wait to be made of their hours. */
  readonly pendingDays = new Set<number>();

  constructor(dirty: DirtyHours) {
    this.#dirty = dirty;
  }

  record(tier: RecordTier, bucket: number): BucketRecord | undefined {
    return this.#records[tier].get(bucket);
  }

  set(tier: RecordTier, bucket: number, record: BucketRecord): void {
    this.forget(tier, bucket);
    this.#records[tier].set(bucket, record);
    for (const [index, rows] of record.rows.entries()) if (rows < 0) this.#absent[tier][index]!.add(bucket);
  }

  forget(tier: RecordTier, bucket: number): void {
    this.#records[tier].delete(bucket);
    for (const absent of this.#absent[tier]) absent.delete(bucket);
  }

  /** First and last bucket with a record; undefined when there is none. */
  extent(tier: RecordTier): { readonly first: number; readonly last: number } | undefined {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const bucket of this.#records[tier].keys()) {
      first = Math.min(first, bucket);
      last = Math.max(last, bucket);
    }
    return first <= last ? { first, last } : undefined;
  }

  /** UTC hours that a span touches and that are dirty, ascending. */
  dirtyIn(span: Bucket): readonly number[] {
    const first = Math.floor(span.from / HOUR_MS) * HOUR_MS;
    const hours: number[] = [];
    if ((span.to - first) / HOUR_MS <= this.#dirty.size) {
      for (let hour = first; hour < span.to; hour += HOUR_MS) if (this.#dirty.has(hour)) hours.push(hour);
      return hours;
    }
    for (const hour of this.#dirty.all) if (hour >= first && hour < span.to) hours.push(hour);
    return hours.sort((a, b) => a - b);
  }

  /**
   * What of a span of whole buckets does not stand for a base: spans of whole buckets, ascending, disjoint, neighbours joined.
   *
   * @param heldBefore - Instant before which readings are gone: nothing is dirty there, it cannot be built again.
   */
  holes(kept: Kept, base: RollupBase, span: Bucket, heldBefore: number): readonly Bucket[] {
    const dirty = this.dirtyIn({ from: Math.max(span.from, heldBefore), to: span.to });
    const found =
      kept === 'minute'
        ? this.#minuteHoles(base, span, dirty)
        : this.#wholeHoles(kept === 'hour' ? 'hour' : 'day', indexOf(kept, base), span, dirty);
    found.sort((a, b) => a.from - b.from);
    const joined: { from: number; to: number }[] = [];
    for (const { from, to } of found) {
      const last = joined.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else joined.push({ from: Math.max(from, span.from), to });
      joined.at(-1)!.to = Math.min(joined.at(-1)!.to, span.to);
    }
    return joined;
  }

  #wholeHoles(tier: RecordTier, index: number, span: Bucket, dirty: readonly number[]): Bucket[] {
    const around = (hour: number): Bucket => ({
      from: this.calendar.floor(tier, hour),
      to: this.calendar.ceil(tier, hour + HOUR_MS),
    });
    const absent = this.#absent[tier][index]!;
    const whole = (bucket: number) => this.calendar.bucketAt(tier, bucket);
    const holes = [...dirty.map(around), ...this.#within(tier, span, absent).map(whole)];
    if (tier === 'day') {
      for (const day of this.pendingDays) if (day >= span.from && day < span.to) holes.push(whole(day));
    }
    return holes;
  }

  #minuteHoles(base: RollupBase, span: Bucket, dirty: readonly number[]): Bucket[] {
    const holes: { from: number; to: number }[] = [];
    for (const hour of dirty) {
      for (let minute = hour; minute < hour + HOUR_MS; minute += MINUTE_MS) {
        if (!this.#dirty.hasMinute(minute)) continue;
        const last = holes.at(-1);
        if (last?.to === minute) last.to += MINUTE_MS;
        else holes.push({ from: minute, to: minute + MINUTE_MS });
      }
    }
    const absent = this.#absent.hour[indexOf('minute', base)]!;
    const hours = { from: this.calendar.floor('hour', span.from), to: span.to };
    for (const hour of this.#within('hour', hours, absent)) holes.push(this.calendar.bucketAt('hour', hour));
    return holes.filter(({ from, to }) => from < span.to && to > span.from);
  }

  /** Members of a set of buckets in a span, by whichever way is shorter. */
  #within(tier: RecordTier, span: Bucket, set: BucketSet): number[] {
    if (set.size === 0) return [];
    const runs = this.calendar.runs(tier, span);
    const found: number[] = [];
    if (countBuckets(runs) > set.size) {
      for (const bucket of set.keys()) if (bucket >= span.from && bucket < span.to) found.push(bucket);
      return found;
    }
    for (const { from, to, length } of runs) {
      for (let bucket = from; bucket < to; bucket += length) if (set.has(bucket)) found.push(bucket);
    }
    return found;
  }

  /** Rows of a base in some spans of whole buckets, and the readings they stand for. Of minutes: their hours' share. */
  measure(kept: Kept, base: RollupBase, spans: readonly Bucket[]): { rows: number; readings: number } {
    const recordTier: RecordTier = kept === 'day' || kept === 'sketch' ? 'day' : 'hour';
    const index = indexOf(kept, base);
    const records = this.#records[recordTier];
    let rows = 0;
    let readings = 0;
    for (const span of spans) {
      for (const bucket of this.#within(recordTier, this.#widened(recordTier, span), records)) {
        const record = records.get(bucket)!;
        const { from, to } = this.calendar.bucketAt(recordTier, bucket);
        const share = (Math.min(to, span.to) - Math.max(from, span.from)) / (to - from);
        rows += Math.max(0, record.rows[index]!) * share;
        readings += record.readings * share;
      }
    }
    return { rows: Math.round(rows), readings: Math.round(readings) };
  }

  /** Readings of the hours in some spans, as far as they were counted. */
  readingsIn(spans: readonly Bucket[]): number {
    return this.measure('hour', COARSE_BASES[0]!, spans).readings;
  }

  #widened(tier: RecordTier, span: Bucket): Bucket {
    return { from: this.calendar.floor(tier, span.from), to: span.to };
  }

  clear(): void {
    for (const tier of ['hour', 'day'] as const) {
      this.#records[tier].clear();
      for (const absent of this.#absent[tier]) absent.clear();
    }
    this.pendingDays.clear();
  }

  /** Reads everything back. */
  async restore(connection: DuckDBConnection): Promise<void> {
    this.clear();
    const records = await connection.runAndReadAll('SELECT tier, bucket, readings, rows FROM rollup_bucket');
    for (const [tier, bucket, readings, rows] of records.getRowsJS()) {
      this.set(tier as RecordTier, Number(bucket), {
        readings: Number(readings),
        rows: (rows as readonly bigint[]).map(Number),
      });
    }
    const pending = await connection.runAndReadAll('SELECT DISTINCT bucket FROM rollup_pending');
    for (const [bucket] of pending.getRowsJS()) this.pendingDays.add(Number(bucket));
  }
}

function indexOf(kept: Kept, { dggrs, level }: RollupBase): number {
  const parts = kept === 'minute' || kept === 'sketch' ? kept : 'parts';
  return RECORD_BASES.findIndex(
    (entry) => entry.kept === parts && entry.base.dggrs === dggrs && entry.base.level === level,
  );
}
