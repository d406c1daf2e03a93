/**
 * What the pipeline hands to the encoder and the encoder hands back: the seam between decoding (records with their
 * reasons) and the columns of a `LoadBatch`. Types only.
 */
import type { DecodeContext, EpochMs, LoadBatch, Origin, Position, RecordOutcome } from '../model/index.ts';

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

/**
 * Locates and encodes: pure, same entries, same columns. Uses `entry.context` of each entry; `latest`, the context of
 * the newest one, may serve for caches. Never throws for what a decoder gave: what cannot be located is stored unlocated.
 */
export type EncodeOutcomes = (entries: readonly DecodedEntry[], latest: DecodeContext) => EncodedColumns;

/** As `EncodeOutcomes`, spread over turns of the event loop. */
export type EncodeInTurns = (
  entries: readonly DecodedEntry[],
  latest: DecodeContext,
) => Promise<EncodedColumns>;
