/**
 * What the pipeline hands to the encoder and the encoder hands back: the seam between decoding (records with their
 * reasons) and the columns of a `LoadBatch`. Types only.
 */
import type { DecodeContext, EpochMs, LoadBatch, Origin, Position, RecordOutcome } from '../model/index.ts';
import type { PackedBatch } from './packed-batch.ts';

/** One journal entry with what its bytes say. Control entries are not among them: they travel as declarations. */
export interface DecodedEntry {
  readonly position: Position;
  readonly receivedAt: EpochMs;
  readonly sourceId: string;
  readonly origin: Origin;
  /** Length of the whole message in bytes, also where only its beginning was kept. */
  readonly byteLength: number;
  /**
   * Record by record. A refusal made at the door is one outcome without items. A redelivery has one outcome a record,
   * with the record's dataset and neither items nor rejections.
   */
  readonly outcomes: readonly RecordOutcome[];
  /** What was true at this entry; declarations may change between two entries of one batch. */
  readonly context: DecodeContext;
  /** True for a recognised redelivery: its records are duplicates, its readings are not counted again. */
  readonly redelivery: boolean;
}

/**
 * The columns and objects of a `LoadBatch` that come from entries. `observations.record`, `LocatedEvent.record` and the
 * like index `records`, which holds one summary an outcome, in the order of the entries. Every typed array owns its
 * whole buffer, so that the batch can be transferred between threads.
 */
export type EncodedColumns = Pick<
  LoadBatch,
  'datastreams' | 'observations' | 'events' | 'features' | 'rejections' | 'records'
>;

/** As `EncodedColumns`, ready to travel. */
export type PackedColumns = Pick<
  PackedBatch,
  'datastreams' | 'observations' | 'events' | 'features' | 'rejections' | 'records'
>;

/**
 * Locates and encodes the entries of one batch, one after another: pure, same entries, same columns. Uses `entry.context`
 * of each. Never throws for what a decoder gave: what cannot be located is stored unlocated.
 */
export interface BatchEncoder {
  /** Takes an entry; its readings are columns when it returns, and it need not be kept. */
  add(entry: DecodedEntry): void;
  /** The whole batch, once; what takes long is spread over turns of the event loop. */
  finish(): Promise<PackedColumns>;
}
