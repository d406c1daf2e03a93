/**
 * The few query shapes everything uses. Answers are structurally those of `viz/schema/api.ts`, less provenance's wrapping:
 * `services/routes` only adds HTTP. Every shape takes an `Access` first.
 */
import type { GridGeometry } from '../../grid/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import type { BucketKind } from '../time/city-time.ts';
import type { Access } from './access.ts';

/** Half-open span of instants, UTC ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type GridId = 'h3' | 'beidou2d';

/** Present in every answer; see `Provenance` in the HTTP schema. */
export interface AnswerProvenance {
  readonly datasets: readonly string[];
  readonly demo: boolean;
  readonly inventedPose: boolean;
  readonly newestPhenomenonTime: number | null;
  readonly position: Position;
  readonly answeredFrom: 'latest' | 'rollup' | 'raw' | 'rollup+raw';
  /** What was read, of answers that come from rollups or rows. */
  readonly plan?: readonly PlanStep[];
}

/** One source of an answer. */
export interface PlanStep {
  /** City days, hours or minutes of a rollup, its counts by bin, or the rows. */
  readonly from: 'day' | 'hour' | 'minute' | 'sketch' | 'raw';
  /** Grid and level of the rollup: `h3_9`. */
  readonly base: string | null;
  /** Pieces of time it is read for. */
  readonly spans: number;
  /** About how many rows lie in them. Of rows only those of hours that have been built are known. */
  readonly rows: number;
}

/** What one value is made of the readings of a zone or a bucket. `quantiles` gives several, one for each asked. */
export type Aggregation =
  | 'mean'
  | 'min'
  | 'max'
  | 'count'
  | 'sum'
  | 'first'
  | 'last'
  | 'stddev'
  | 'quantiles';

export interface ZonesQuery {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
  /** Absent: the latest reading of each datastream, if not older than 3 periods. */
  readonly span?: Span;
  readonly bbox?: readonly [number, number, number, number];
  /** Only zones that the area touches, each whole; not together with `bbox`. */
  readonly area?: AreaRef;
  readonly dataset?: string;
  /** Adds `value` to each zone (of `quantiles`: `quantiles`). Absent: mean, least and greatest only. */
  readonly aggregation?: Aggregation;
  /** Which quantiles, each 0 to 1; only with `aggregation` `quantiles`. Default 0.5. */
  readonly quantiles?: readonly number[];
}

/** An area on the map as GeoJSON (RFC 7946), CGCS2000 degrees. */
export type AreaGeometry = Extract<GridGeometry, { readonly type: 'Polygon' | 'MultiPolygon' }>;

/** Where: a box, a polygon, zones of one grid, a division of the city by its code, or all within a distance. */
export type AreaRef =
  | { readonly bbox: readonly [west: number, south: number, east: number, north: number] }
  | { readonly polygon: AreaGeometry }
  | { readonly zones: readonly ZoneRef[] }
  | { readonly division: string }
  | { readonly circle: Circle };

/** All within a distance of a position, on the ellipsoid. */
export interface Circle {
  readonly lonLat: readonly [lonDeg: number, latDeg: number];
  readonly radiusM: number;
}

export interface EventsQuery {
  readonly eventTypes?: readonly string[];
  readonly categories?: readonly string[];
  readonly datasets?: readonly string[];
  readonly span?: Span;
  /** Zone the events lie in. */
  readonly zone?: { readonly dggrs: GridId; readonly id: string };
  /** Area they lie in; not together with `zone`. */
  readonly area?: AreaRef;
  /** `distance`: nearest to the middle of a circle first; else the newest. */
  readonly sort?: 'newest' | 'distance';
  readonly status?: 'open' | 'closed';
  readonly limit: number;
}

/** Buckets of time: one of the two. */
export interface Bucketed {
  /** Of one length, ms, counted from 1970-01-01T00:00Z. */
  readonly bucketMs?: number;
  /** Of the city's calendar, in its time zone: a day has 23 or 25 hours where clocks are put forth or back. */
  readonly bucket?: BucketKind;
}

export interface SeriesQuery extends Bucketed {
  readonly property: string;
  readonly span: Span;
  /** One of the three; none is the whole city. */
  readonly thing?: string;
  readonly zone?: { readonly dggrs: GridId; readonly id: string };
  readonly area?: AreaRef;
}

export interface TotalsQuery {
  readonly dataset: string;
  readonly dggrs: GridId;
  readonly level: number;
  readonly bucketMs: number;
  readonly span?: Span;
  /** Answer with a page of at most so many rows, in whole buckets; absent: with everything or not at all. */
  readonly limit?: number;
}

export interface ThingsQuery {
  readonly categories?: readonly string[];
  readonly datasets?: readonly string[];
  readonly zone?: ZoneRef;
  /** Not together with `zone`. Things in a circle come nearest first. */
  readonly area?: AreaRef;
}

export interface FeaturesQuery {
  readonly featureTypes?: readonly string[];
  readonly datasets?: readonly string[];
  readonly zone?: ZoneRef;
  /** Area that they share a position with; not together with `zone`. */
  readonly area?: AreaRef;
  /** `distance`: nearest to the middle of a circle first; else in the order they came. */
  readonly sort?: 'arrival' | 'distance';
  readonly limit: number;
}

/** The nearest of a kind to a position, on the ellipsoid; of features, to the nearest position of their geometry. */
export interface NearestQuery {
  readonly kind: 'events' | 'features' | 'things';
  readonly lonLat: readonly [lonDeg: number, latDeg: number];
  /** How many. */
  readonly k: number;
  /** What is farther is not there, metres. Default and ceiling `MAX_RADIUS_M`. */
  readonly maxM?: number;
  /** Event types, feature types. */
  readonly types?: readonly string[];
  /** Categories of events or of Things. */
  readonly categories?: readonly string[];
  readonly datasets?: readonly string[];
  /** Of events. */
  readonly span?: Span;
  readonly status?: 'open' | 'closed';
}

/** A zone named by its canonical text. */
export interface ZoneRef {
  readonly dggrs: GridId;
  readonly id: string;
}

export interface DossierQuery extends ZoneRef {
  /** How far back observations, events and series are counted, hours. Default 24. */
  readonly hours?: number;
  /** In place of `hours`. */
  readonly span?: Span;
}

/** The audit of a datastream that declares corrections. */
export interface CorrectionsQuery {
  readonly thing: string;
  readonly property: string;
  readonly span: Span;
  /** Instants at most. */
  readonly limit: number;
}

export interface RejectionsQuery {
  readonly limit: number;
  readonly datasets?: readonly string[];
  readonly disposition?: 'refused' | 'held';
}

/** Which accounts. Filters are joined by "and"; what one lists, by "or". */
export interface AccountsQuery {
  /** One row a dataset and source, or one a delivery, newest first. Default `source`. */
  readonly by?: 'source' | 'delivery';
  readonly datasets?: readonly string[];
  readonly sources?: readonly string[];
  /** Delivery ids; one that ends in `*` is a beginning; '' is what came as messages. */
  readonly deliveries?: readonly string[];
  /** Only accounts to which something came at or after this instant, UTC ms. */
  readonly since?: number;
  /** Default and ceiling `MAX_ACCOUNTS`. */
  readonly limit?: number;
}

export interface FiguresQuery {
  /** Indicator ids; absent: all declared ones. */
  readonly ids?: readonly string[];
}

/** Newest readings by phenomenonTime: of each datastream, of each Thing, or of each zone. */
export interface LatestQuery {
  readonly by: 'datastream' | 'thing' | 'zone';
  /** Needed for zones; absent: any property. */
  readonly property?: string;
  /** For zones. */
  readonly dggrs?: GridId;
  readonly level?: number;
  readonly categories?: readonly string[];
  readonly datasets?: readonly string[];
  readonly area?: AreaRef;
  /** Leaves out what is older, ms. */
  readonly maxAgeMs?: number;
  readonly limit: number;
}

/** How many would come, before they are asked for. */
export interface CountQuery {
  readonly kinds: readonly ('events' | 'features' | 'things' | 'observations')[];
  /** Event types, feature types. */
  readonly types?: readonly string[];
  /** Categories of events and of Things. */
  readonly categories?: readonly string[];
  readonly datasets?: readonly string[];
  readonly status?: 'open' | 'closed';
  /** Of observations; absent: all. */
  readonly property?: string;
  /** Of events and observations; absent: all there are. */
  readonly span?: Span;
  readonly area?: AreaRef;
}

/** Aggregations of cubes, comparisons and the first k. */
export type PartsAggregation = Exclude<Aggregation, 'quantiles'>;

interface GatheredQuery {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
  readonly span: Span;
  readonly aggregation: PartsAggregation;
  readonly dataset?: string;
  /** Only zones that the area touches, each whole. */
  readonly area?: AreaRef;
}

/** A cube of zones and buckets of time. */
export interface CubeQuery extends GatheredQuery, Bucketed {}

/** Two spans side by side, by zone and as a whole. */
export interface CompareQuery extends GatheredQuery {
  /** The span compared with; `span` is what it is compared to. */
  readonly other: Span;
}

/** The first k of something, by an aggregate of a property or by a count. */
export interface TopQuery {
  readonly of: 'zones' | 'things' | 'categories';
  /** What is gathered. Categories are those of events, or the types of features; observations have none. */
  readonly kind: 'observations' | 'events' | 'features';
  /** Of observations. */
  readonly property?: string;
  /** Of observations; events and features are counted. */
  readonly aggregation?: PartsAggregation;
  /** Of zones. */
  readonly dggrs?: GridId;
  readonly level?: number;
  readonly k: number;
  /** Default `most`. */
  readonly order?: 'most' | 'least';
  /** Needed for observations. */
  readonly span?: Span;
  readonly datasets?: readonly string[];
  readonly area?: AreaRef;
}

/** Everything in an area, over all kinds. */
export interface InsideQuery {
  readonly area: AreaRef;
  /** Of observations and events. Default: the last 24 hours. */
  readonly span?: Span;
}

/** Thrown for a question that cannot be answered; `services/problem.ts` turns the code into HTTP. */
export type QueryErrorCode =
  | 'unknown-property'
  | 'unknown-dataset'
  | 'unknown-zone'
  | 'unknown-thing'
  | 'unknown-division'
  | 'area-invalid'
  | 'question-invalid'
  | 'level-out-of-range'
  | 'span-invalid'
  | 'too-large'
  | 'not-permitted'
  | 'timeout'
  | 'busy'
  | 'cancelled'
  | 'part-damaged';

export type { Access };
