import type { EpochMs, Position } from '../../../ingest/model/index.ts';

/**
 * What a part says of itself: every stored row of its dataset with a phenomenonTime in `[from, to)` that came in by a
 * journal entry in `[since, until)` is in the part. By it a replay knows which rows it need not load again.
 */
export interface Cover {
  /** Half-open span of phenomenonTime, UTC ms. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Half-open range of journal positions. */
  readonly since: Position;
  readonly until: Position;
}

/** One Parquet file of a part: a range of places, sorted by (h3, time). */
export interface PartFile {
  /** File name in the folder of the part's dataset. */
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** Least and greatest h3 point id in it. Text of an unsigned 64-bit integer. */
  readonly h3Min: string;
  readonly h3Max: string;
}

/**
 * Sealed observations of one dataset: immutable Parquet files and a JSON sidecar that holds this. A part counts only
 * once its sidecar is on disk; the sidecar is written last.
 */
export interface Part {
  /** Version of the sidecar and of the columns. */
  readonly format: 1;
  /** Unique in its dataset; the sidecar is `<id>.part.json`. */
  readonly id: string;
  readonly dataset: string;
  /** Least and greatest phenomenonTime in it; half-open. UTC ms. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly rows: number;
  readonly bytes: number;
  readonly covers: readonly Cover[];
  readonly files: readonly PartFile[];
  /** Ids of the parts that this one was merged from: they do not count beside it. */
  readonly replaces: readonly string[];
  /** Properties that occur in it. */
  readonly properties: readonly string[];
  readonly sealedAt: EpochMs;
}
