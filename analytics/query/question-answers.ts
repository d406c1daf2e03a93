/** Answers to questions beyond lists and zones; units, instants and positions as in `answers.ts`. */
import type { BucketKind } from '../time/city-time.ts';
import type { EventAnswer, FeatureAnswer, LocalText, SeriesAnswer, ThingAnswer } from './answers.ts';
import type { AnswerProvenance, GridId, Span } from './shapes.ts';

/** Nearest first; the list of the kind asked for, the others empty. */
export interface NearestAnswer {
  readonly kind: 'events' | 'features' | 'things';
  readonly lonLat: readonly [number, number];
  /** All within this distance was looked at, metres: what is not here is farther. */
  readonly searchedM: number;
  readonly events: readonly EventAnswer[];
  readonly features: readonly FeatureAnswer[];
  readonly things: readonly ThingAnswer[];
  readonly provenance: AnswerProvenance;
}

/** A newest reading. */
export interface LatestReading {
  readonly thing: string;
  readonly dataset: string;
  readonly property: string;
  readonly value: number;
  readonly unit: string;
  readonly phenomenonTime: number;
  readonly quality: number;
  /** Where it was taken. */
  readonly lonLat: readonly [number, number] | null;
  /** The zone it is the newest of; only by zone. */
  readonly zone?: string;
}

export interface LatestAnswer {
  readonly by: 'datastream' | 'thing' | 'zone';
  /** Of zones: the level answered, which an `Access` may have made coarser. */
  readonly level: number | null;
  /** Newest first. */
  readonly readings: readonly LatestReading[];
  /** Readings there are, before the limit. */
  readonly total: number;
  readonly provenance: AnswerProvenance;
}

/** Equal where it was counted one by one. */
export interface CountOfKind {
  readonly kind: 'events' | 'features' | 'things' | 'observations';
  readonly atLeast: number;
  readonly atMost: number;
}

export interface CountAnswer {
  readonly counts: readonly CountOfKind[];
  readonly provenance: AnswerProvenance;
}

/** A cube by columns: `zone[i]` and `bucket[i]` are places in `zones` and `t` of the cell that `count[i]` and `value[i]` tell of. */
export interface CubeAnswer {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
  readonly unit: string;
  readonly aggregation: string;
  /** As in a series. */
  readonly bucketMs: number;
  readonly bucketKind?: BucketKind;
  readonly zones: readonly string[];
  /** Starts of all buckets of the span, UTC ms. */
  readonly t: readonly number[];
  readonly zone: readonly number[];
  readonly bucket: readonly number[];
  readonly count: readonly number[];
  /** Null: a deviation of one reading, or a first that was not kept. */
  readonly value: readonly (number | null)[];
  readonly provenance: AnswerProvenance;
}

/** One thing in two spans. */
export interface Compared {
  /** Null: no reading in that span. */
  readonly value: number | null;
  readonly other: number | null;
  readonly count: number;
  readonly otherCount: number;
  /** `value` less `other`; null where one is missing. */
  readonly difference: number | null;
  /** The difference as a share of the magnitude of `other`; null where one is missing or `other` is 0. */
  readonly relative: number | null;
}

export interface CompareAnswer {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
  readonly unit: string;
  readonly aggregation: string;
  readonly span: Span;
  readonly other: Span;
  /** Over all zones; means are of all readings, not of the zones' means. */
  readonly whole: Compared;
  readonly zones: readonly (Compared & { readonly id: string })[];
  /** Zones that have no reading in the span, and those that have none in the other. */
  readonly missing: { readonly span: number; readonly other: number };
  readonly provenance: AnswerProvenance;
}

export interface TopRow {
  /** A zone, a Thing's id, a category. */
  readonly key: string;
  /** Of a Thing. */
  readonly name?: LocalText;
  readonly value: number;
  readonly count: number;
  readonly newestPhenomenonTime: number;
}

export interface TopAnswer {
  readonly of: 'zones' | 'things' | 'categories';
  readonly kind: 'observations' | 'events' | 'features';
  readonly level: number | null;
  /** Of the values; `1` for counts of events and features. */
  readonly unit: string;
  readonly rows: readonly TopRow[];
  /** How many there are to choose from. */
  readonly groups: number;
  readonly provenance: AnswerProvenance;
}

/** How many of each kind, by what they are. */
export interface CountsBy {
  readonly things: readonly { readonly dataset: string; readonly category: string; readonly count: number }[];
  readonly observations: readonly {
    readonly dataset: string;
    readonly property: string;
    readonly count: number;
    readonly newestPhenomenonTime: number;
  }[];
  readonly events: readonly {
    readonly dataset: string;
    readonly eventType: string;
    readonly category: string;
    readonly count: number;
  }[];
  readonly features: readonly {
    readonly dataset: string;
    readonly featureType: string;
    readonly layer: FeatureAnswer['layer'];
    readonly count: number;
  }[];
}

/** Everything in a place: whole counts, lists cut at `listLimit` rows each. */
export interface InsideAnswer {
  readonly span: Span;
  readonly counts: {
    readonly things: number;
    readonly observations: number;
    readonly events: number;
    readonly features: number;
  };
  readonly countsBy: CountsBy;
  readonly things: readonly ThingAnswer[];
  readonly events: readonly EventAnswer[];
  readonly features: readonly FeatureAnswer[];
  readonly series: readonly SeriesAnswer[];
  readonly listLimit: number;
  readonly provenance: AnswerProvenance;
}
