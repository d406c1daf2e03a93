import type {
  Declaration,
  EpochMs,
  JournalConsumer,
  JournalDamage,
  Position,
  Principal,
  RawRecord,
  Receipt,
} from '../model/index.ts';
import type { DoorLogLevel } from './door-log.ts';
import type { DeliveryReport, DoorsMetrics } from './doors.ts';
import type { PackedBatch } from './packed-batch.ts';

/** What the door thread serves: `Doors` without what only its owner can do. */
export type DoorCalls = {
  declare(declarations: readonly Declaration[]): { readonly position: Position; readonly changed: number };
  declarations(): readonly Declaration[];
  /** Resolves with the port. */
  setPrincipals(principals: readonly Principal[]): number;
  pull(from: Position, maxReadings: number, waitMs: number, consumer: string): PackedBatch;
  accept(raw: RawRecord): Receipt;
  deliver(path: string, fileName: string, mappingId: string, principal: string): DeliveryReport;
  raw(position: Position): RawRecord | undefined;
  positionAt(at: EpochMs): Position;
  damageAt(position: Position): JournalDamage | undefined;
  release(position: Position): void;
  consumers(): readonly JournalConsumer[];
  registerConsumer(name: string, position: Position | undefined): JournalConsumer;
  advanceConsumer(name: string, position: Position): void;
  removeConsumer(name: string): boolean;
  metrics(): DoorsMetrics;
  close(): void;
};

/** A line for the log; may come before the thread stands. */
export interface DoorLine {
  readonly log: readonly [level: DoorLogLevel, fields: Readonly<Record<string, unknown>>, message: string];
}

/** First message of the thread but for lines of its log: it stands, or why it does not. */
export type DoorStart =
  | { readonly started: { readonly torn: readonly string[] } }
  | { readonly failed: { name: string; message: string; code?: string; stack?: string } };
