import type { DatasetDeclaration, TableMapping, ThingDeclaration } from './declaration.ts';
import type { ObservedProperty } from './observed-property.ts';
import type { RecordOutcome } from './outcome.ts';
import type { RawRecord } from './raw-record.ts';

/** What was true when a message arrived: read-only views over the declarations. Pure look-ups, no I/O. */
export interface DecodeContext {
  dataset(id: string): DatasetDeclaration | undefined;
  thing(id: string): ThingDeclaration | undefined;
  /** The Thing that `gateway` calls `alias`. */
  thingByAlias(gateway: string, alias: string): ThingDeclaration | undefined;
  mapping(id: string): TableMapping | undefined;
  /** Shipped properties and those the dataset declares. */
  property(id: string, datasetId: string): ObservedProperty | undefined;
}

/** One wire format or feed: a pure function from bytes to records, with its own examples. */
export interface Source {
  readonly id: string;
  readonly title: string;
  /** MQTT topic filters whose messages this source reads; empty for file-only sources. */
  readonly topics: readonly string[];
  /** Same bytes, same context, same answer. Never throws for bad input: that is a rejection. */
  decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[];
  readonly examples: readonly SourceExample[];
}

export interface SourceExample {
  readonly name: string;
  readonly topic?: string;
  /** Who brought it; default: the first level of `topic` after `things/`, else the example gateway. */
  readonly principal?: string;
  /** Table mapping of the example context, for the `table` source. */
  readonly mappingId?: string;
  /** UTF-8 text, or hex after `hex:`. */
  readonly bytes: string;
  /** Expected number of items, or the rejection code of the first rejection. */
  readonly gives: { readonly items: number } | { readonly refuses: string };
}
