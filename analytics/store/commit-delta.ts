import type { EpochMs, Position } from '../../ingest/model/index.ts';
import type { EventAnswer, Tally } from '../query/answers.ts';

/** Newest readings of the datastreams that one commit changed. Shape (n) each; `datastream` is the store's integer id. */
export interface LatestColumns {
  readonly n: number;
  readonly datastream: Uint32Array;
  /** phenomenonTime, UTC ms. */
  readonly time: Float64Array;
  readonly result: Float64Array;
  /** H3 index at the point level, or NO_ZONE. */
  readonly h3: BigUint64Array;
  /** Packed BeiDou code at the point level, or NO_ZONE. */
  readonly beidou: BigUint64Array;
  readonly quality: Uint8Array;
}

/** What one index commit changed: the live stream follows these, so that a screen equals the database. */
export interface CommitDelta {
  /** Next journal position the index wants: everything below it is in this or an earlier commit. */
  readonly position: Position;
  /** Journal head when the batch was cut. */
  readonly head: Position;
  /** When the commit was done, UTC ms. */
  readonly committedAt: EpochMs;
  /** Commits since the store was opened, from 1. */
  readonly sequence: number;
  readonly latest: LatestColumns;
  /** Events whose newest version changed, as answered to somebody who may see everything: filter by `Access`. */
  readonly events: readonly EventAnswer[];
  /** receivedAt of the newest entry; null when the batch held only control entries. */
  readonly newestReceivedAt: EpochMs | null;
  /** True when datasets, Things or features changed: lists on screens must be asked for again. */
  readonly catalogueChanged: boolean;
  readonly counts: {
    readonly records: Tally;
    readonly readings: Tally;
    readonly partialRecords: number;
    readonly observations: number;
    readonly events: number;
    readonly features: number;
    readonly rejections: number;
  };
}
