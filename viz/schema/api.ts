/**
 * What the server answers and what a screen reads: the JSON of `/api/v1/*` and the frames of the live stream. Types only.
 * Instants are UTC epoch milliseconds, positions CGCS2000 degrees `[lon, lat]`, zone ids are text (H3 index in hex,
 * BeiDou code), values are in the property's canonical unit.
 */

import type { InsideAnswer } from './questions.ts';

export type * from './books.ts';
export type * from './questions.ts';

/** Carried by every answer: where the figures come from and how old the newest of them is. */
export interface Provenance {
  /** Dataset ids that fed the answer. */
  readonly datasets: readonly string[];
  /** True when any of them is a demonstration. */
  readonly demo: boolean;
  /** True when any of them has invented positions or poses. */
  readonly inventedPose: boolean;
  /** Newest phenomenonTime in the answer; null when it holds nothing. Age counts from here, never from fetch or render. */
  readonly newestPhenomenonTime: number | null;
  /** Journal position the index stood at. */
  readonly position: number;
  /** What was read. */
  readonly answeredFrom: 'latest' | 'rollup' | 'raw' | 'rollup+raw';
  /** Of parts or rows: what was read, one entry a source. */
  readonly plan?: readonly {
    readonly from: 'day' | 'hour' | 'minute' | 'sketch' | 'raw';
    /** Grid and level of the parts. */
    readonly base: string | null;
    /** Pieces of time. */
    readonly spans: number;
    /** About how many rows lie in them. */
    readonly rows: number;
  }[];
}

export interface LocalText {
  readonly en: string;
  readonly zh: string;
}

export type Role = 'admin' | 'operator' | 'analyst' | 'officer' | 'device' | 'auditor';

export interface SessionAnswer {
  readonly user: string;
  readonly role: Role;
  /** A read-only wall seat: no time-out, no edits. */
  readonly kiosk: boolean;
}

export interface CityAnswer {
  readonly name: LocalText;
  /** IANA zone used at the edges. */
  readonly timezone: string;
  readonly centre: readonly [number, number];
  /** [west, south, east, north] degrees. */
  readonly bounds: readonly [number, number, number, number];
  /** GeoJSON FeatureCollection of county outlines, properties { code, nameEn, nameZh }. */
  readonly outlines: unknown;
  /** True: the outlines are a drawing, not a boundary, and the screen says so. */
  readonly outlinesSchematic: boolean;
  /** True when any dataset is a demonstration. */
  readonly demo: boolean;
  readonly datasets: readonly DatasetAnswer[];
  readonly properties: readonly PropertyAnswer[];
  /** Server clock, UTC ms: screens show ages against it, not against the browser's clock. */
  readonly serverTime: number;
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

/** State of a figure, panel or layer: each has a look of its own (`visual-language`, States). */
export type FigureState = 'live' | 'stale' | 'expired' | 'empty' | 'zero' | 'partial' | 'refused' | 'error';

/** The indicator card: what a figure means and who answers for it. */
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
  /** Above (or below) which an operator should act. */
  readonly warnAbove: number | null;
  readonly warnBelow: number | null;
  readonly excellentBelow: number | null;
  readonly excellentAbove: number | null;
  readonly onWarning: LocalText;
  /** Decimal places shown. */
  readonly digits: number;
}

/** One live figure. */
export interface Figure {
  readonly id: string;
  /** Null: no data. Zero is zero. */
  readonly value: number | null;
  readonly state: FigureState;
  readonly newestPhenomenonTime: number | null;
  /** Datastreams or events that contributed, and how many were expected ("7 of 9 feeds"). */
  readonly n: number;
  readonly of: number | null;
  /** For shares: kept apart, never an averaged percentage. */
  readonly numerator: number | null;
  readonly denominator: number | null;
  /** The same figure one hour ago, for the comparison; null when unknown. */
  readonly previous: number | null;
  readonly datasets: readonly string[];
  readonly demo: boolean;
  /** Last 24 buckets, oldest first; null is a gap. */
  readonly spark: readonly (number | null)[];
  readonly sparkBucketMs: number;
}

export interface FiguresAnswer {
  readonly figures: readonly Figure[];
  readonly provenance: Provenance;
}

/** GET /api/v1/zones */
export interface ZonesAnswer {
  readonly dggrs: 'h3' | 'beidou2d';
  readonly level: number;
  readonly property: string;
  readonly unit: string;
  readonly zones: readonly ZoneValue[];
  readonly provenance: Provenance;
}

export interface ZoneValue {
  readonly id: string;
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly newestPhenomenonTime: number;
  /** What `aggregation` asked for; absent without it. Null: too few readings. */
  readonly value?: number | null;
  /** In the order asked; only for `quantiles`. */
  readonly quantiles?: readonly number[];
}

/** GET /api/v1/things */
export interface ThingsAnswer {
  readonly things: readonly ThingAnswer[];
  readonly provenance: Provenance;
}

export interface ThingAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly category: string;
  readonly name: LocalText;
  /** Newest known place; null when a moving Thing has never reported one. */
  readonly lonLat: readonly [number, number] | null;
  readonly latest: readonly LatestValue[];
  readonly newestPhenomenonTime: number | null;
  /** Shortest period of its datastreams, ms. */
  readonly periodMs: number | null;
  readonly pose: {
    readonly headingDeg: number;
    readonly hfovDeg: number;
    readonly rangeM: number;
  } | null;
  /** From the position asked about, metres; only where one was. */
  readonly distanceM?: number;
}

export interface LatestValue {
  readonly property: string;
  readonly value: number;
  readonly unit: string;
  readonly phenomenonTime: number;
  readonly quality: number;
  readonly warn: boolean;
}

/** GET /api/v1/events: newest first. */
export interface EventsAnswer {
  readonly events: readonly EventAnswer[];
  readonly provenance: Provenance;
}

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
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
  /** From the position asked about, metres; only where one was. */
  readonly distanceM?: number;
}

/** GET /api/v1/features */
export interface FeaturesAnswer {
  readonly features: readonly FeatureAnswer[];
  readonly provenance: Provenance;
}

export interface FeatureAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly featureType: string;
  readonly name: string | null;
  readonly layer: 'above' | 'surface' | 'underground';
  readonly lonLat: readonly [number, number] | null;
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
  /** From the position asked about to its nearest position, metres; only where one was. */
  readonly distanceM?: number;
}

/** GET /api/v1/zones/{dggrs}/{zoneId}: one zone, one file. */
export interface ZoneDossier extends InsideAnswer {
  readonly dggrs: 'h3' | 'beidou2d';
  readonly id: string;
  readonly level: number;
  readonly centre: readonly [number, number];
  /** Closed ring. */
  readonly boundary: readonly (readonly [number, number])[];
  readonly areaM2: number;
  /** BeiDou code of the centre at a level of like size, and the H3 cell likewise. */
  readonly beidou: string;
  readonly h3: string;
}

export interface SeriesAnswer {
  readonly property: string;
  readonly unit: string;
  readonly bucketMs: number;
  /** Present where buckets are those of the city's calendar: then `bucketMs` is the length they have as a rule. */
  readonly bucket?: 'minute' | 'quarter' | 'hour' | 'day' | 'month';
  /** Bucket starts. */
  readonly t: readonly number[];
  /** Null is a gap, never interpolated. */
  readonly mean: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly count: readonly number[];
}

// ---- live stream: WebSocket /api/v1/live -------------------------------------------------------------------------

/** Client to server, JSON text. A new one replaces the one before. */
export interface LiveSubscription {
  readonly zones: {
    readonly dggrs: 'h3' | 'beidou2d';
    readonly level: number;
    readonly property: string;
  } | null;
  readonly things: boolean;
  readonly events: boolean;
  readonly figures: boolean;
}

/**
 * Server to client, binary: u32 little-endian length of the header, header (UTF-8 JSON, `LiveHeader`), zero padding to a
 * multiple of 8 from the start of the frame, then the columns named in `columns` one after another, each padded to 8.
 * At most 4 frames of a kind a second; a slow client gets the newest state, never a queue.
 */
export interface LiveHeader {
  readonly type: 'hello' | 'zones' | 'things' | 'events' | 'figures' | 'status';
  /** One more than the last frame of this connection. */
  readonly seq: number;
  /** Journal position of the index commit the frame shows. */
  readonly position: number;
  /** Journal head then: `head - position` entries are not yet on the screen. */
  readonly head: number;
  readonly serverTime: number;
  /** When the index commit was done, UTC ms. */
  readonly committedAt: number;
  /** True: replaces what the client holds; false: changes to it. A zone with count 0 is gone. */
  readonly full: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly type: 'u64' | 'f64' | 'f32' | 'u32' | 'u8';
    readonly length: number;
  }[];
  /** For `zones`: what was subscribed. Columns: id u64, mean f32, count u32, newest f64 (phenomenonTime). */
  readonly zones?: { readonly dggrs: 'h3' | 'beidou2d'; readonly level: number; readonly property: string };
  /** For `things`: changes of place and newest time. Columns: index u32 into `ids`, lon f64, lat f64, newest f64. */
  readonly ids?: readonly string[];
  readonly events?: readonly EventAnswer[];
  readonly figures?: readonly Figure[];
  /** For `hello` and `status` (at least every 2 s): the demo flag, feed health, lag. */
  readonly status?: LiveStatus;
}

export interface LiveStatus {
  readonly demo: boolean;
  /** How far the index is behind what has arrived, ms. */
  readonly lagMs: number;
  readonly feeds: readonly {
    readonly dataset: string;
    readonly newestPhenomenonTime: number | null;
    /** Arrival of the newest record, UTC ms: feeds of events are judged by it too. */
    readonly newestArrival?: number | null;
    readonly periodMs: number;
    readonly state: FigureState;
    readonly things: number;
    readonly thingsFresh: number;
  }[];
  readonly messagesPerSecond: number;
  readonly refusedLastHour: number;
}

/** GET /api/v1/indicators */
export interface IndicatorsAnswer {
  readonly indicators: readonly IndicatorCard[];
}

/** GET /api/v1/video/streams: the streams that are live now. Played from `/api/v1/video/streams/{name}.flv`. */
export interface VideoStreamsAnswer {
  readonly streams: readonly VideoStreamAnswer[];
}
export interface VideoStreamAnswer {
  readonly name: string;
  /** Absent: the screen shows `name`. */
  readonly title?: LocalText;
  /** Camera Thing that sends it, where known. */
  readonly thing?: string | null;
  /** When its publisher began, UTC ms. */
  readonly since?: number | null;
  readonly demo?: boolean;
}
