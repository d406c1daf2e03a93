/** What decoding gives: items that can be kept, and rejections with their reasons, record by record. */
import type { Datum, PositionMethod, SourcePosition } from './position.ts';
import type { EpochMs } from './time.ts';

/** A reading of one Datastream. */
export interface Reading {
  readonly kind: 'observation';
  readonly thing: string;
  readonly property: string;
  /** Absent: the device gave no time, `receivedAt` stands in and the quality says so. */
  readonly phenomenonTime?: EpochMs;
  readonly resultTime?: EpochMs;
  /** In the property's canonical unit; finite. */
  readonly result: number;
  /** Only where the reading carries its own place (moving Things). */
  readonly position?: SourcePosition;
  readonly flags?: number;
}

/** A detection, a hotline case, an alarm: something with a natural key, a category and a life span. */
export interface EventItem {
  readonly kind: 'event';
  readonly dataset: string;
  /** Natural key, unique in the dataset: Frigate id, case number. A later item with the same key supersedes. */
  readonly key: string;
  /** `detection`, `case`, `alarm`, ... */
  readonly eventType: string;
  /** `person`, `Noise - Residential`, ... */
  readonly category: string;
  readonly thing?: string;
  readonly start: EpochMs;
  readonly end?: EpochMs;
  /** When this version of it was known; the greater one wins. Default: receivedAt. */
  readonly updated?: EpochMs;
  readonly status?: 'open' | 'closed';
  readonly title?: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
  readonly position?: SourcePosition;
  readonly positionMethod: PositionMethod;
  readonly flags?: number;
}

/**
 * GeoJSON geometry (RFC 7946), `[lon, lat]` order, in the datum that its item names or else its dataset declares. A third coordinate is
 * metres above the ellipsoid: heights of an undeclared reference were left out.
 */
export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: readonly number[] }
  | { readonly type: 'LineString'; readonly coordinates: readonly (readonly number[])[] }
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly (readonly number[])[])[] }
  | {
      readonly type: 'MultiPolygon';
      readonly coordinates: readonly (readonly (readonly (readonly number[])[])[])[];
    };

/** A school, a hospital, an enterprise, a zone on a map: something with a geometry and a life span. */
export interface FeatureItem {
  readonly kind: 'feature';
  readonly dataset: string;
  readonly key: string;
  readonly featureType: string;
  readonly name?: string;
  readonly layer: 'above' | 'surface' | 'underground';
  readonly geometry?: Geometry;
  /** Of the geometry; absent: the dataset's. */
  readonly datum?: Datum;
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
  readonly flags?: number;
}

export type Item = Reading | EventItem | FeatureItem;

/** Reasons for a refusal: a closed list, so that metrics, quarantine and documentation agree. */
export const REJECTION_CODES = [
  'malformed', // not the format it claims to be
  'too-large', // over the packet or body limit
  'topic-too-deep',
  'topic-not-allowed', // the principal may not publish there
  'unknown-source', // no decoder takes this topic or route
  'unknown-thing',
  'unknown-property',
  'unknown-dataset',
  'not-a-number', // NaN, infinity, or text where a number belongs
  'out-of-range', // outside the declared physical limits
  'time-invalid',
  'time-out-of-range', // outside the datastream's declared times
  'position-invalid', // latitude 91, longitude 181, text
  'missing-field',
  'rule-refused', // a declared quality rule
  'rule-held',
  'too-many-readings',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** Why one reading or one record was not stored. `held` waits in quarantine for a person; `refused` does not. */
export interface Rejection {
  readonly code: RejectionCode;
  /** Sentence case, no full stop, quoted text, current value and wanted one. */
  readonly message: string;
  readonly disposition: 'refused' | 'held';
  /** Where in the message: a JSON pointer, a column name, a byte offset. */
  readonly where?: string;
  readonly thing?: string;
  readonly dataset?: string;
  /** How many readings this rejection stands for; 1 for one reading, 0 when the record could not be taken apart. */
  readonly readings: number;
}

/** One record of a message (a row, an entity of a feed, the message itself) and what became of it. */
export interface RecordOutcome {
  /** Dataset the record is accounted to; `''` when it could not be told. */
  readonly dataset: string;
  readonly items: readonly Item[];
  readonly rejections: readonly Rejection[];
}

/** Bits of an observation's `quality` byte. 0 is good. */
export const QUALITY = {
  /** The device gave no time of its own. */
  serverTime: 1,
  /** A declared rule flagged it. */
  flagged: 2,
  /** The position is not the reading's own but of lower precision than a zone at level 12. */
  coarsePlace: 4,
} as const;
