/** Answers for reconciliation: what is held, and what became of everything that came in. */
import type { Provenance } from './api.ts';

/** GET /api/v1/totals: a cube of zone x bucket x category (or property) for reconciliation and export. */
export interface TotalsAnswer {
  readonly dataset: string;
  readonly dggrs: 'h3' | 'beidou2d';
  readonly level: number;
  readonly bucketMs: number;
  /** `id` is '' for what has no place. */
  readonly rows: readonly {
    readonly id: string;
    readonly bucket: number;
    readonly category: string;
    readonly count: number;
    /** Observations only. */
    readonly sum: number | null;
    readonly min: number | null;
    readonly max: number | null;
  }[];
  /** Of a page (`limit`): start of the first bucket that is left out, UTC ms; null when nothing is. */
  readonly next?: number | null;
  readonly provenance: Provenance;
}

/**
 * GET /api/v1/accounts: in = stored + refused + held + duplicates on both levels; partial is a part of stored. One row a
 * dataset and source, `delivery` ''; with `by=delivery` one row a delivery, newest first.
 */
export interface AccountsAnswer {
  readonly accounts: readonly {
    readonly dataset: string;
    readonly source: string;
    readonly delivery: string;
    readonly records: Tally;
    readonly readings: Tally;
    /** Records of which some readings were stored and some were not. */
    readonly partialRecords: number;
    /** Deliveries summed in this row; 0 for messages. */
    readonly deliveries?: number;
    /** Arrival of the newest record, UTC ms; null when unknown. */
    readonly newestAt?: number | null;
  }[];
  /** Rows there are, before the limit. */
  readonly total?: number;
  readonly position: number;
}
export interface Tally {
  readonly in: number;
  readonly stored: number;
  readonly refused: number;
  readonly held: number;
  readonly duplicates: number;
}

/** GET /api/v1/corrections: instants of which more than one value was said, newest first. */
export interface CorrectionsAnswer {
  readonly property: string;
  readonly unit: string;
  readonly instants: readonly {
    readonly dataset: string;
    /** phenomenonTime, UTC ms. */
    readonly time: number;
    readonly standing: readonly { readonly result: number; readonly resultTime: number }[];
    readonly superseded: readonly {
      readonly result: number;
      readonly resultTime: number;
      /** Of the journal entry that overtook it. */
      readonly position: number;
      /** It says what stands, once more and later. */
      readonly restated: boolean;
    }[];
  }[];
  /** Instants there are, before the limit. */
  readonly total: number;
  readonly provenance: Provenance;
}

/** GET /api/v1/rejections: newest first. */
export interface RejectionsAnswer {
  readonly rejections: readonly {
    readonly id: number;
    readonly receivedAt: number;
    readonly source: string;
    readonly principal: string;
    readonly origin: string;
    readonly code: string;
    readonly message: string;
    readonly disposition: 'refused' | 'held';
    readonly dataset: string;
    readonly readings: number;
    readonly byteLength: number;
    readonly position: number;
  }[];
  readonly total: number;
}
