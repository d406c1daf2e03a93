/**
 * What a department declares of a thing in the city, in the measures of its own ledgers: a building in storeys, a pipe in millimetres and
 * depths, a road in metres of width.
 *
 * Positions are CGCS2000 degrees, longitude first; heights metres above the ellipsoid (convert heights above sea level first). What is
 * said "above the ground" counts from `groundM`, negative downwards.
 */
import type { GridGeometry } from '../geometry/geometry.ts';
import type { GroundHeight, Solid } from '../solid/solid-shape.ts';
import type { EntityClassCode, EntityLayer } from './entity-class.ts';

/** One entity: who it is, of which class and layer, and what room it takes. */
export interface CityEntity {
  /** The department's own id, kept as it is. */
  readonly id: string;
  readonly class: EntityClassCode;
  /** Default: the usual layer of the class. */
  readonly layer?: EntityLayer;
  /** Height of the ground, metres above the ellipsoid: one figure, or a terrain to ask. */
  readonly groundM: GroundHeight;
  readonly shape: EntityShape;
}

/** The forms an entity can be declared in. */
export type EntityShape =
  | BuildingShape
  | PipeShape
  | DuctShape
  | StripShape
  | AreaShape
  | ObjectShape
  | SolidShape;

/** A building: its footprint, and its storeys or at least its height above the ground. The ground is asked once, at its middle. */
export interface BuildingShape {
  readonly kind: 'building';
  readonly footprint: GridGeometry;
  /** Height without storeys, metres above the ground. */
  readonly heightM?: number;
  readonly storeys?: EqualStoreys | readonly Storey[];
}

/** Storeys of one height, counted from the ground: F1, F2 ... upwards, B1, B2 ... downwards. */
export interface EqualStoreys {
  readonly count: number;
  readonly heightM: number;
  /** Default 0. */
  readonly basements?: number;
  /** Default `heightM`. */
  readonly basementHeightM?: number;
}

/** One storey with heights of its own, and a footprint of its own where the building steps back. */
export interface Storey {
  /** `F1`, `B2`, `P7`: letter and number from 1. */
  readonly part: string;
  /** Metres above the ground. */
  readonly floorM: number;
  readonly topM: number;
  readonly footprint?: GridGeometry;
}

/**
 * Where a depth or a height of a pipe is measured: to the top of its wall (`crown`, usual for pressure pipes), to the middle, or to the
 * lowest point inside (`invert`, usual for sewers).
 */
export type PipePoint = 'crown' | 'centreline' | 'invert';

interface Laid {
  readonly line: readonly (readonly number[])[];
  readonly measuredTo: PipePoint;
  /** Depth below the ground, metres: one for all vertices, or one each. Without it the third number of each position is the height. */
  readonly depthM?: number | readonly number[];
}

/** A round pipe, tunnel or well. */
export interface PipeShape extends Laid {
  readonly kind: 'pipe';
  /** Inside diameter, millimetres. */
  readonly diameterMm: number;
  /** Thickness of the wall, millimetres. Default 0. */
  readonly wallMm?: number;
}

/** A duct with upright sides: a bank of cables, a culvert, a utility tunnel. Walls count as part of width and height. */
export interface DuctShape extends Laid {
  readonly kind: 'duct';
  readonly widthMm: number;
  readonly heightMm: number;
}

/** A strip along a line: a road, a river, a wall, a bridge deck. Heights are above the third number of each position, else the ground. */
export interface StripShape {
  readonly kind: 'strip';
  readonly line: readonly (readonly number[])[];
  readonly widthM: number;
  /** Default 0: its surface alone. */
  readonly fromM?: number;
  /** Default 0. */
  readonly toM?: number;
}

/** An area on the ground: a parcel, a square, a wood. */
export interface AreaShape {
  readonly kind: 'area';
  readonly area: GridGeometry;
  /** Metres above the ground; default 0 and 0: its surface alone. */
  readonly fromM?: number;
  readonly toM?: number;
}

/** A thing at a place: a lamp, a hydrant, a tree. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly position: readonly [lonDeg: number, latDeg: number];
  /** Metres above the ground. */
  readonly heightM: number;
  /** Default 0: foot on the ground. */
  readonly fromM?: number;
  /** Room round about it, metres: the crown of a tree. Default 0. */
  readonly radiusM?: number;
}

/** Any solid, in absolute heights. */
export interface SolidShape {
  readonly kind: 'solid';
  readonly solid: Solid;
}
