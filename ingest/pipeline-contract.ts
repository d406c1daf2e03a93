/** What the pipeline is given, tells and offers. Types only. */
import type { DeclarationState } from './declarations.ts';
import type { DeclarationHistory } from './declarations-history.ts';
import type { FileJournal } from './journal/journal-contract.ts';
import type { Declaration, EpochMs, LoadBatch, Position, RawRecord, Sink } from './model/index.ts';
import type { SourceTable } from './pipeline-decode.ts';
import type { BatchEncoder } from './worker/decoded-entry.ts';
import type { PackedBatch } from './worker/packed-batch.ts';

export interface PipelineOptions {
  readonly journal: FileJournal;
  readonly sources: SourceTable;
  /** The history that the journal's control entries were folded into while it was opened. */
  readonly declarations: DeclarationHistory;
  /** An encoder for one batch. */
  readonly beginBatch: () => BatchEncoder;
  readonly clock: () => EpochMs;
  readonly recentReadings?: number;
  readonly redeliveryEntries?: number;
  /** Pass over entries that cannot be read, and name them, rather than stop before them. */
  readonly skipDamaged?: boolean;
  /** Told when a decoder threw. */
  readonly onDecoderFault?: (sourceId: string, error: unknown) => void;
}

/** Figures since the start. */
export interface PipelineMetrics {
  /** Rejections by code, those of the doors among them. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly redeliveries: number;
  readonly decoderFaults: number;
  readonly recentReadings: number;
  readonly rememberedMessages: number;
}

export interface Pipeline extends Sink {
  /** @throws {IngestError} `declaration-invalid`, or a fault of the journal. */
  declare(
    declarations: readonly Declaration[],
  ): Promise<{ readonly position: Position; readonly changed: number }>;
  readonly declared: DeclarationState;
  /** As `Doors.pull`. */
  pull(from: Position, maxReadings: number, waitMs: number, consumer?: string): Promise<LoadBatch>;
  /** The same, ready to travel to another thread. */
  pullPacked(from: Position, maxReadings: number, waitMs: number, consumer?: string): Promise<PackedBatch>;
  /** The message at a position; of a redelivery the first one. */
  raw(position: Position): Promise<RawRecord | undefined>;
  metrics(): PipelineMetrics;
  /** Answers those who wait in `pull`. */
  close(): void;
}
