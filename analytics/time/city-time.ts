/** Kinds of buckets in a city's time: what a screen and a report gather by. */
export const BUCKET_KINDS = ['minute', 'quarter', 'hour', 'day', 'month'] as const;
export type BucketKind = (typeof BUCKET_KINDS)[number];

/** Equal buckets side by side: `[from, to)` in buckets of `length` ms. Instants are UTC ms; `to - from` is a multiple of `length`. */
export interface BucketRun {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** One bucket, half-open, UTC ms. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
}

/** A time in which the offset from UTC stays the same. */
interface Segment {
  readonly from: number;
  to: number;
  /** Local time minus UTC, ms. */
  readonly offset: number;
}

export const MINUTE_MS = 60_000;
const LENGTHS = { minute: MINUTE_MS, quarter: 15 * MINUTE_MS, hour: 60 * MINUTE_MS } as const;
const DAY_MS = 86_400_000;
/** Between two looks at the offset, ms: no zone has put its clocks forth and back within a week. */
const LOOK_MS = 7 * DAY_MS;
/** Offsets are looked up for so much time at once, ms. */
const BLOCK_MS = 53 * LOOK_MS;

/**
 * The calendar of one IANA time zone. A day is what has one local date, so it may have 23 or 25 hours; a minute, quarter or hour is
 * cut where the offset changes, so that the hour that comes twice is two buckets. Every day is whole hours, every hour whole quarters,
 * every quarter whole minutes, every month whole days.
 *
 * Offsets are taken in whole minutes, so that all boundaries are UTC minutes: local mean times of the 19th century had seconds.
 *
 * @source IANA time zone database, as the runtime's `Intl` has it.
 */
export class CityTime {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, readonly Segment[]>();

  /** @throws {RangeError} for a zone that is not known. */
  constructor(zone: string) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Local time minus UTC at an instant, whole minutes in ms. */
  offsetAt(instant: number): number {
    return this.#segmentAt(instant).offset;
  }

  /** The bucket an instant lies in. */
  bucketAt(kind: BucketKind, instant: number): Bucket {
    if (kind === 'day' || kind === 'month') {
      const local = instant + this.offsetAt(instant);
      const from = this.#startOf(kind, local, 0);
      return { from, to: this.#startOf(kind, local, 1) };
    }
    const { from, to, offset } = this.#segmentAt(instant);
    const start = floorTo(instant + offset, LENGTHS[kind]) - offset;
    return { from: Math.max(from, start), to: Math.min(to, start + LENGTHS[kind]) };
  }

  /** The buckets a span touches, as runs of equal ones, ascending and without gaps. None for an empty span. */
  runs(kind: BucketKind, span: Bucket): readonly BucketRun[] {
    const runs: { from: number; to: number; length: number }[] = [];
    const add = (from: number, to: number, length: number) => {
      const last = runs.at(-1);
      if (last !== undefined && last.length === length) last.to = to;
      else runs.push({ from, to, length });
    };
    let at = span.from;
    while (at < span.to) {
      const bucket = this.bucketAt(kind, at);
      add(bucket.from, bucket.to, bucket.to - bucket.from);
      at = bucket.to;
      const segment = this.#segmentAt(at);
      const length = kind === 'day' ? DAY_MS : kind === 'month' ? undefined : LENGTHS[kind];
      if (length === undefined || this.bucketAt(kind, at).from !== at) continue;
      // Whole buckets up to the one before the last of the segment: the last may be cut, or go on behind the change.
      const fit = Math.floor((Math.min(segment.to, span.to) - at) / length) - 1;
      if (fit <= 0 || this.bucketAt(kind, at).to !== at + length) continue;
      add(at, at + fit * length, length);
      at += fit * length;
    }
    return runs;
  }

  /** Starts of the buckets a span touches, ascending. */
  starts(kind: BucketKind, span: Bucket): readonly number[] {
    return startsOf(this.runs(kind, span));
  }

  /** The greatest boundary at or before an instant, and the least at or after it. */
  floor(kind: BucketKind, instant: number): number {
    return this.bucketAt(kind, instant).from;
  }

  ceil(kind: BucketKind, instant: number): number {
    const { from, to } = this.bucketAt(kind, instant);
    return from === instant ? instant : to;
  }

  /** First instant of the local day or month that holds a local time, or of the one so many after it. */
  #startOf(kind: 'day' | 'month', local: number, after: number): number {
    if (kind === 'day') {
      // A date that the zone has skipped begins, and ends, where the next begins.
      const day = floorTo(local, DAY_MS);
      let start = this.#instantOf(day + after * DAY_MS);
      for (let more = 1; after > 0 && more < 3 && start <= this.#instantOf(day); more++) {
        start = this.#instantOf(day + (after + more) * DAY_MS);
      }
      return start;
    }
    const date = new Date(local);
    const first = new Date(0);
    first.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + after, 1);
    return this.#instantOf(first.getTime());
  }

  /** First instant whose local time is this one, or, where clocks jumped over it, the instant of the jump. */
  #instantOf(local: number): number {
    // No offset is more than a day: the instant lies in what begins at the latest then.
    let at = local - DAY_MS;
    for (;;) {
      const { to, offset } = this.#segmentAt(at);
      const instant = local - offset;
      if (instant < to) return Math.max(instant, at);
      at = to;
    }
  }

  #segmentAt(instant: number): Segment {
    const block = Math.floor(instant / BLOCK_MS);
    const segments = this.#segments(block);
    const index = segments.findIndex((segment) => instant < segment.to);
    const segment = segments[index]!;
    // Blocks are cut by the clock, not by the zone: what goes on in the next block is one segment.
    const from = index > 0 ? segment.from : this.#extendBack(block, segment);
    const to = index < segments.length - 1 ? segment.to : this.#extendForth(block, segment);
    return { from, to, offset: segment.offset };
  }

  /** One block further at most: boundaries of buckets need to know no more than that. */
  #extendBack(block: number, segment: Segment): number {
    const before = this.#segments(block - 1).at(-1)!;
    return before.offset === segment.offset ? before.from : segment.from;
  }

  #extendForth(block: number, segment: Segment): number {
    const next = this.#segments(block + 1)[0]!;
    return next.offset === segment.offset ? next.to : segment.to;
  }

  #segments(block: number): readonly Segment[] {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const from = block * BLOCK_MS;
    const to = from + BLOCK_MS;
    const segments: Segment[] = [{ from, to, offset: this.#look(from) }];
    for (let at = from; at < to; at += LOOK_MS) {
      let offset = this.#look(at);
      const end = this.#look(at + LOOK_MS);
      if (offset === end) continue;
      // Changes are at whole minutes: the first that differs.
      let low = at;
      let high = at + LOOK_MS;
      while (high - low > MINUTE_MS) {
        const middle = floorTo((low + high) / 2, MINUTE_MS);
        if (this.#look(middle) === offset) low = middle;
        else high = middle;
      }
      if (high >= to) continue;
      offset = this.#look(high);
      segments.at(-1)!.to = high;
      segments.push({ from: high, to, offset });
    }
    this.#blocks.set(block, segments);
    return segments;
  }

  #look(instant: number): number {
    const parts: Record<string, number> = {};
    let era = 'AD';
    for (const { type, value } of this.#format.formatToParts(instant)) {
      if (type === 'era') era = value;
      else parts[type] = Number(value);
    }
    const local = new Date(0);
    local.setUTCFullYear(era === 'BC' ? 1 - parts.year! : parts.year!, parts.month! - 1, parts.day);
    local.setUTCHours(parts.hour!, parts.minute, parts.second);
    return Math.round((local.getTime() - floorTo(instant, 1000)) / MINUTE_MS) * MINUTE_MS;
  }
}

/** Starts of all buckets of some runs. */
export function startsOf(runs: readonly BucketRun[]): readonly number[] {
  return runs.flatMap(({ from, to, length }) =>
    Array.from({ length: Math.round((to - from) / length) }, (_, i) => from + i * length),
  );
}

/** How many buckets some runs have. */
export function countBuckets(runs: readonly BucketRun[]): number {
  return runs.reduce((sum, { from, to, length }) => sum + Math.round((to - from) / length), 0);
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
