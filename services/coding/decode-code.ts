/** One code to its place: anchor, centre, bounds, level, and the heights of its layer. */
import { beidouAnchor, GRIDS, isGridError, parseBeidou3d } from '../../grid/index.ts';
import type { Refusal } from './coding-error.ts';
import type { DecodePlan } from './plan.ts';

/** Degrees, CGCS2000, longitude first; heights in metres above the ellipsoid. */
export interface DecodedCode {
  readonly level: number;
  /** Packed id; of a 3D code that of its 2D zone. */
  readonly id: bigint;
  /** BeiDou: the corner nearest the equator and the prime meridian. H3: the centre. */
  readonly anchor: readonly [lonDeg: number, latDeg: number];
  readonly centre: readonly [lonDeg: number, latDeg: number];
  /** [west, south, east, north]; west > east across the antimeridian. */
  readonly bounds: readonly [number, number, number, number];
  readonly height: { readonly layer: number; readonly floorM: number; readonly topM: number } | undefined;
}

/** The place of a code, or why it is none. Canonical text only. */
export function decodeCode(plan: DecodePlan, text: string): DecodedCode | Refusal {
  try {
    return plan.dggrs === 'beidou3d' ? decodeSolid(plan, text) : decodeFlat(plan.dggrs, text);
  } catch (error) {
    if (isGridError(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Is it a refusal? */
export function isRefusal(decoded: DecodedCode | Refusal): decoded is Refusal {
  return 'code' in decoded;
}

function decodeFlat(dggrs: 'h3' | 'beidou2d', text: string): DecodedCode {
  const { zone, level } = GRIDS[dggrs].parse(text);
  return { ...placeOf(dggrs, zone, level), height: undefined };
}

function decodeSolid(plan: DecodePlan, text: string): DecodedCode {
  const { zone2d, level, floorLayer, floorM, topM } = parseBeidou3d(text, plan.heightCoding);
  return { ...placeOf('beidou2d', zone2d, level), height: { layer: floorLayer, floorM, topM } };
}

function placeOf(dggrs: 'h3' | 'beidou2d', zone: bigint, level: number): Omit<DecodedCode, 'height'> {
  const grid = GRIDS[dggrs];
  const centre = grid.centre(zone, level);
  const anchor = dggrs === 'beidou2d' ? beidouAnchor(zone, level) : centre;
  return { level, id: zone, anchor, centre, bounds: grid.bounds(zone, level) };
}
