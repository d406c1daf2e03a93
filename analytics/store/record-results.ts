/**
 * What became of the readings of each record of a batch, by its place in `LoadBatch.records`. Events and features count
 * as one reading each. Columns, since a batch of live messages has as many records as readings.
 */
export class RecordResults {
  readonly stored: Uint32Array;
  readonly duplicates: Uint32Array;

  constructor(records: number) {
    this.stored = new Uint32Array(records);
    this.duplicates = new Uint32Array(records);
  }

  /** What became of one record. */
  of(record: number): { readonly stored: number; readonly duplicates: number } {
    return { stored: this.stored[record]!, duplicates: this.duplicates[record]! };
  }
}
