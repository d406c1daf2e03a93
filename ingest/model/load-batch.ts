/**
 * Decoded, located and encoded entries on their way to an index: columns for the many (observations), objects for the
 * few. Typed arrays are transferable between threads.
 */
import type { Declaration } from './declaration.ts';
import type { JournalDamage, Position } from './journal.ts';
import type { RejectionCode } from './outcome.ts';
import type { PositionMethod } from './position.ts';
import type { EpochMs } from './time.ts';

/** Level at which every point is owned by one H3 cell. One constant for the whole system. */
export const H3_POINT_LEVEL = 12;
/** Level of the packed BeiDou code every point carries (1/2048 arc-second, 1.5 cm). */
export const BEIDOU_POINT_LEVEL = 10;
/** "No zone" in a UBIGINT column: an unlocated or polar point. No H3 cell and no ordinary BeiDou code has this value. */
export const NO_ZONE = 0xffff_ffff_ffff_ffffn;

/** Shape (n) each. `datastream` indexes `LoadBatch.datastreams`, `record` indexes `LoadBatch.records`. */
export interface ObservationColumns {
  readonly n: number;
  readonly datastream: Uint32Array;
  readonly record: Uint32Array;
  /** UTC ms. */
  readonly phenomenonTime: Float64Array;
  /** resultTime - phenomenonTime in ms, clamped to u32. */
  readonly resultDelayMs: Uint32Array;
  /** Canonical unit of the property. */
  readonly result: Float64Array;
  /** H3 index at H3_POINT_LEVEL, or NO_ZONE. */
  readonly h3: BigUint64Array;
  /** Packed BeiDou code at BEIDOU_POINT_LEVEL, or NO_ZONE. */
  readonly beidou: BigUint64Array;
  /** Metres above the ellipsoid; NaN when unknown. */
  readonly heightM: Float32Array;
  /** Bits of QUALITY. */
  readonly quality: Uint8Array;
}

export interface DatastreamKey {
  readonly dataset: string;
  readonly thing: string;
  readonly property: string;
}

export interface LocatedEvent {
  readonly record: number;
  readonly dataset: string;
  readonly key: string;
  readonly eventType: string;
  readonly category: string;
  readonly thing?: string;
  readonly start: EpochMs;
  readonly end?: EpochMs;
  readonly updated: EpochMs;
  readonly status?: 'open' | 'closed';
  readonly title?: string;
  /** JSON object text with sorted keys. */
  readonly attributes: string;
  /** CGCS2000 degrees; absent when unlocated. */
  readonly lonDeg?: number;
  readonly latDeg?: number;
  readonly h3: bigint;
  readonly beidou: bigint;
  readonly heightM?: number;
  readonly precisionM?: number;
  readonly positionMethod: PositionMethod;
  readonly quality: number;
  /** First 16 hex digits of SHA-256 over everything but `updated`: equal content is a duplicate. */
  readonly contentHash: string;
}

export interface LocatedFeature {
  readonly record: number;
  readonly dataset: string;
  readonly key: string;
  readonly featureType: string;
  readonly name?: string;
  readonly layer: 'above' | 'surface' | 'underground';
  readonly attributes: string;
  /** GeoJSON geometry text, CGCS2000; absent when unlocated. */
  readonly geometry?: string;
  /** A point inside or on the feature. */
  readonly lonDeg?: number;
  readonly latDeg?: number;
  readonly h3: bigint;
  readonly beidou: bigint;
  readonly positionMethod: PositionMethod;
  readonly quality: number;
  /**
   * Zones that the feature touches, for what is not a point: one grid, one level, ids of that grid. For `h3` the cell
   * index at that level, for `beidou` the packed code of that level (low bits zero).
   */
  readonly cover: readonly {
    readonly grid: 'h3' | 'beidou';
    readonly level: number;
    readonly zones: BigUint64Array;
  }[];
  readonly validFrom: EpochMs;
  readonly contentHash: string;
}

export interface StoredRejection {
  readonly position: Position;
  readonly record: number;
  readonly receivedAt: EpochMs;
  readonly sourceId: string;
  readonly principal: string;
  /** Topic, file name and row, or route: where it came from, for a person. */
  readonly origin: string;
  readonly code: RejectionCode;
  readonly message: string;
  readonly disposition: 'refused' | 'held';
  readonly where?: string;
  readonly dataset: string;
  readonly thing?: string;
  readonly readings: number;
  /** Length of the whole message in bytes. */
  readonly byteLength: number;
}

/**
 * Per record, shape (records.length): what the decoder saw of it. The loader adds what it finds to be duplicate and
 * writes the accounts: in = stored + refused + held + duplicates, for records and for readings.
 */
export interface RecordSummary {
  /** Of the journal entry it came in. */
  readonly position: Position;
  readonly dataset: string;
  readonly sourceId: string;
  /** Delivery id for files, else ''. */
  readonly delivery: string;
  readonly refused: number;
  readonly held: number;
  /** True for a redelivery recognised at the door: the record is a duplicate, its readings are not counted again. */
  readonly redelivery: boolean;
}

/** Everything an index needs of journal entries `[from, to)`, whole entries only. */
export interface LoadBatch {
  readonly from: Position;
  readonly to: Position;
  /** Journal head when the batch was cut: `head - to` is how far behind the reader is. */
  readonly head: Position;
  /** receivedAt of the newest entry in the batch, for lag in time; absent when it holds only control entries. */
  readonly newestReceivedAt?: EpochMs;
  readonly declarations: readonly Declaration[];
  readonly datastreams: readonly DatastreamKey[];
  readonly observations: ObservationColumns;
  readonly events: readonly LocatedEvent[];
  readonly features: readonly LocatedFeature[];
  readonly rejections: readonly StoredRejection[];
  readonly records: readonly RecordSummary[];
  /** Entries of `[from, to)` that the journal cannot give any more; only where `journal.skipDamaged` is set. */
  readonly lost?: readonly JournalDamage[];
}
