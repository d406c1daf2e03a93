import type { Declaration, LoadBatch, Position, Principal, RawRecord, Receipt } from '../model/index.ts';
import type { DeliveryReport, DoorsMetrics } from './doors.ts';

/** What the door thread serves: `Doors` without what only its owner can do. */
export type DoorCalls = {
  declare(declarations: readonly Declaration[]): { readonly position: Position; readonly changed: number };
  declarations(): readonly Declaration[];
  /** Resolves with the port. */
  setPrincipals(principals: readonly Principal[]): number;
  pull(from: Position, maxReadings: number, waitMs: number): LoadBatch;
  accept(raw: RawRecord): Receipt;
  deliver(path: string, fileName: string, mappingId: string, principal: string): DeliveryReport;
  raw(position: Position): RawRecord | undefined;
  metrics(): DoorsMetrics;
  close(): void;
};

/** First messages of the thread: it stands, or why it does not. */
export type DoorStart =
  | { readonly started: { readonly torn: readonly string[] } }
  | { readonly failed: { name: string; message: string; code?: string; stack?: string } };
