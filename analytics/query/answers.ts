/**
 * What the query shapes answer: structurally the types of `viz/schema/api.ts`, declared here because this room knows
 * nothing of the screen. Instants are UTC epoch ms, positions CGCS2000 degrees `[lon, lat]`, zone ids canonical text,
 * values in the property's canonical unit.
 */

import type { BucketKind } from '../time/city-time.ts';
import type { InsideAnswer } from './question-answers.ts';
import type { AnswerProvenance, GridId } from './shapes.ts';

export type * from './question-answers.ts';

export interface LocalText {
  readonly en: string;
  readonly zh: string;
}

export interface DatasetAnswer {
  readonly id: string;
  readonly title: LocalText;
  readonly publisher: LocalText;
  readonly licence: string;
  readonly attribution: string | null;
  readonly periodMs: number;
  readonly demo: boolean;
  readonly inventedPose: boolean;
}

export interface PropertyAnswer {
  readonly id: string;
  readonly name: LocalText;
  readonly unit: string;
}

export type FigureState = 'live' | 'stale' | 'expired' | 'empty' | 'zero' | 'partial' | 'refused' | 'error';

export interface IndicatorCard {
  readonly id: string;
  readonly title: LocalText;
  readonly meaning: LocalText;
  readonly formula: LocalText;
  readonly unit: string;
  readonly periodMs: number;
  readonly source: LocalText;
  readonly accessMode: 'device' | 'video' | 'interface' | 'by-hand';
  readonly owner: LocalText;
  readonly warnAbove: number | null;
  readonly warnBelow: number | null;
  readonly excellentBelow: number | null;
  readonly excellentAbove: number | null;
  readonly onWarning: LocalText;
  readonly digits: number;
}

export interface Figure {
  readonly id: string;
  readonly value: number | null;
  readonly state: FigureState;
  readonly newestPhenomenonTime: number | null;
  readonly n: number;
  readonly of: number | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly previous: number | null;
  readonly datasets: readonly string[];
  readonly demo: boolean;
  readonly spark: readonly (number | null)[];
  readonly sparkBucketMs: number;
}

export interface FiguresAnswer {
  readonly figures: readonly Figure[];
  readonly provenance: AnswerProvenance;
}

export interface ZoneValue {
  readonly id: string;
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly newestPhenomenonTime: number;
  /** What `aggregation` asked for; absent without it. Null: too few readings (a deviation needs one). */
  readonly value?: number | null;
  /** In the order asked; only for `quantiles`. */
  readonly quantiles?: readonly number[];
}

/** `level` is the level answered, which an `Access` may have made coarser than the one asked. */
export interface ZonesAnswer {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
  readonly unit: string;
  readonly zones: readonly ZoneValue[];
  readonly provenance: AnswerProvenance;
}

export interface LatestValue {
  readonly property: string;
  readonly value: number;
  readonly unit: string;
  readonly phenomenonTime: number;
  readonly quality: number;
  readonly warn: boolean;
}

export interface ThingAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly category: string;
  readonly name: LocalText;
  readonly lonLat: readonly [number, number] | null;
  readonly latest: readonly LatestValue[];
  readonly newestPhenomenonTime: number | null;
  readonly periodMs: number | null;
  readonly pose: { readonly headingDeg: number; readonly hfovDeg: number; readonly rangeM: number } | null;
  /** From the position asked about, metres; only where one was. */
  readonly distanceM?: number;
}

export interface ThingsAnswer {
  readonly things: readonly ThingAnswer[];
  readonly provenance: AnswerProvenance;
}

export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

export interface EventAnswer {
  /** `<dataset>/<key>`. */
  readonly id: string;
  readonly dataset: string;
  readonly eventType: string;
  readonly category: string;
  readonly title: string | null;
  readonly thing: string | null;
  readonly status: 'open' | 'closed' | null;
  readonly start: number;
  readonly end: number | null;
  readonly updated: number;
  readonly lonLat: readonly [number, number] | null;
  readonly positionMethod: string;
  readonly precisionM: number | null;
  readonly attributes: Attributes;
  /** From the position asked about, metres; only where one was. */
  readonly distanceM?: number;
}

export interface EventsAnswer {
  readonly events: readonly EventAnswer[];
  readonly provenance: AnswerProvenance;
}

export interface FeatureAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly featureType: string;
  readonly name: string | null;
  readonly layer: 'above' | 'surface' | 'underground';
  readonly lonLat: readonly [number, number] | null;
  readonly attributes: Attributes;
  /** From the position asked about to its nearest position, metres; only where one was. */
  readonly distanceM?: number;
}

export interface FeaturesAnswer {
  readonly features: readonly FeatureAnswer[];
  readonly provenance: AnswerProvenance;
}

export interface SeriesAnswer {
  readonly property: string;
  readonly unit: string;
  /** Of the calendar's buckets the length they have as a rule; `t` tells where each begins. */
  readonly bucketMs: number;
  /** Present where buckets are those of the city's calendar. */
  readonly bucket?: BucketKind;
  readonly t: readonly number[];
  readonly mean: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly count: readonly number[];
}

/** A series that stands alone carries its provenance. */
export interface SeriesQueryAnswer extends SeriesAnswer {
  readonly provenance: AnswerProvenance;
}

export interface ZoneDossier extends InsideAnswer {
  readonly dggrs: GridId;
  readonly id: string;
  readonly level: number;
  readonly centre: readonly [number, number];
  readonly boundary: readonly (readonly [number, number])[];
  readonly areaM2: number;
  readonly beidou: string;
  readonly h3: string;
}

export interface TotalsRow {
  /** '' for what has no place. */
  readonly id: string;
  readonly bucket: number;
  /** Category of an event, property of an observation, type of a feature. */
  readonly category: string;
  readonly count: number;
  /** Observations only. */
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface TotalsAnswer {
  readonly dataset: string;
  readonly dggrs: GridId;
  readonly level: number;
  readonly bucketMs: number;
  readonly rows: readonly TotalsRow[];
  /** Of a page: start of the first bucket that is left out, UTC ms; null when nothing is. */
  readonly next: number | null;
  readonly provenance: AnswerProvenance;
}

/** in = stored + refused + held + duplicates, always. */
export interface Tally {
  readonly in: number;
  readonly stored: number;
  readonly refused: number;
  readonly held: number;
  readonly duplicates: number;
}

export interface AccountAnswer {
  readonly dataset: string;
  readonly source: string;
  readonly delivery: string;
  readonly records: Tally;
  readonly readings: Tally;
  readonly partialRecords: number;
  /** Deliveries summed here; 0 for messages. */
  readonly deliveries: number;
  /** Arrival of the newest record, UTC ms; null when unknown. */
  readonly newestAt: number | null;
}

export interface AccountsAnswer {
  readonly accounts: readonly AccountAnswer[];
  /** Rows there are, before the limit. */
  readonly total: number;
  readonly position: number;
}

export interface RejectionAnswer {
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
}

export interface RejectionsAnswer {
  readonly rejections: readonly RejectionAnswer[];
  readonly total: number;
}

/** One instant of which more than one value was said. */
export interface CorrectedInstant {
  readonly dataset: string;
  /** phenomenonTime, UTC ms. */
  readonly time: number;
  /** What stands; more than one only of readings from before corrections were declared. */
  readonly standing: readonly { readonly result: number; readonly resultTime: number }[];
  /** What it took the place of, by resultTime. */
  readonly superseded: readonly {
    readonly result: number;
    readonly resultTime: number;
    /** Of the journal entry that overtook it; its own when it came late. */
    readonly position: number;
    /** It says what stands, once more and later. */
    readonly restated: boolean;
  }[];
}

export interface CorrectionsAnswer {
  readonly property: string;
  readonly unit: string;
  /** Newest first. */
  readonly instants: readonly CorrectedInstant[];
  /** Instants there are, before the limit. */
  readonly total: number;
  readonly provenance: AnswerProvenance;
}

/** Health of one dataset's feed, as the live status frame carries it. */
export interface FeedStatus {
  readonly dataset: string;
  readonly newestPhenomenonTime: number | null;
  /** Arrival of the newest record, UTC ms; null when none is known. */
  readonly newestArrival: number | null;
  readonly periodMs: number;
  readonly state: FigureState;
  readonly things: number;
  readonly thingsFresh: number;
}
