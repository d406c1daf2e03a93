/**
 * The form of a grid's definition as data. OGC API - DGGS (21-038r1) says what a DGGRS has to state and leaves a schema for it to Topic 21
 * Part 5, which has none yet: this shape is our own, its names those of the API where it has one.
 */

/** A text in the two languages of the dashboards. */
export interface LocalText {
  readonly zh: string;
  readonly en: string;
}

/** One refinement level. Areas are on the CGCS2000 ellipsoid. */
export interface DggrsLevel {
  readonly level: number;
  /** Zones of this level in one zone of the level above; null at the first. Where zones differ, that of an ordinary one. */
  readonly refinementRatio: number | null;
  /** Zones on the globe, a decimal number as text: the finest pass 2^53. */
  readonly zones: string;
  readonly meanAreaM2: number;
  readonly minAreaM2: number;
  readonly maxAreaM2: number;
  /** Side of a regular hexagon (H3) or a square (BeiDou) of the mean area, metres. */
  readonly meanEdgeM: number;
  /** Width and height of a zone in units of 1/2048 arc-second, where all zones of the level have the same. */
  readonly lonUnits?: number;
  readonly latUnits?: number;
  /** Thickness in level-10 layers by height coding, of grids with height. */
  readonly layers?: { readonly annexC: number; readonly clause6: number };
}

/** The definition of one grid, as plain data: what it is, its levels, its ids and the order of its sub-zones. */
export interface DggrsDefinition {
  readonly id: 'h3' | 'beidou2d' | 'beidou3d';
  readonly title: LocalText;
  readonly description: LocalText;
  /** Ours, as OGC has registered none for these grids. */
  readonly uri: string;
  /** Coordinates in and out: longitude and latitude in degrees, in that order. */
  readonly crs: string;
  readonly standard: string;
  readonly zoneShape: 'hexagon' | 'lon-lat-box' | 'lon-lat-height-box';
  /** Do sub-zones fill their parent exactly, and lie in it whole? */
  readonly nestsInSpace: boolean;
  readonly minRefinementLevel: number;
  readonly maxRefinementLevel: number;
  /** Depth of a zone's data when the caller names none, and the deepest that every level can answer (2^20 sub-zones at most). */
  readonly defaultDepth: number;
  readonly maxRelativeDepth: number;
  /** The order values of sub-zones come in. `subZoneAt` and `subZoneIndex` count in it. */
  readonly subZoneOrder: {
    readonly name: 'ascending-id' | 'ascending-id-then-floor';
    readonly description: string;
  };
  readonly zoneIdText: {
    readonly pattern: string;
    readonly description: string;
    readonly examples: readonly string[];
  };
  /** Whether an id that carries its level fits 64 bits, and for which levels. */
  readonly zoneIdUint64: { readonly maxLevel: number; readonly description: string } | null;
  readonly levels: readonly DggrsLevel[];
}
