/**
 * Zones a pipe or a strip meets: segment by segment, row by row of the raster, and above each cell the layers the tube reaches there.
 *
 * Conservative: lengths are taken with factors that bound the true ones (`boundMetres`), so no zone is missed. Tight: those factors lie
 * within 0.1 % of the truth up to latitude 70 degrees (pieces are `PIECE_DEG` long), and a tube over a cell is measured exactly. So for
 * `intersects` a zone may be too many only where it lies beyond the tube by less than 0.1 % of the radius and 2 micrometres.
 */

import { columnsPerSide, rowsPerSide } from '../beidou/beidou2d-cell.ts';
import { beidouLevel, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import type { HeightCoding } from '../beidou/beidou3d.ts';
import type { CoverMode } from '../codec.ts';
import { GridError } from '../errors.ts';
import { type Rectangle, reachOver, type Swept } from './capsule.ts';
import { layerSpan } from './layer-span.ts';
import { boundMetres, type LocalMetres } from './local-metres.ts';
import type { SolidRuns } from './solid-runs.ts';
import {
  type Axis,
  axisOf,
  checkMeasure,
  type PipeSolid,
  RADIUS_MAX_M,
  type StripSolid,
} from './solid-shape.ts';

/**
 * Added to radius and heights where doubt includes, taken off where it leaves out: above the rounding of doubles (1e-9 m) and the
 * snapping of positions to cell edges (1.5e-7 m).
 */
const DOUBT_M = 1e-6;
/** Longest piece of a segment in latitude, degrees: keeps the factors of a piece near to each other. */
const PIECE_DEG = 0.01;
/** Where the caps begin, and where a piece cannot but reach them: no factor is asked for beyond. */
const POLAR_DEG = 88;

/** What is swept along an axis: radius, and what it adds to the height of the axis below and above. */
interface Profile {
  readonly swept: Swept;
  readonly radiusM: number;
  readonly belowM: number;
  readonly aboveM: number;
}

function profileOf(solid: PipeSolid | StripSolid): Profile {
  if (solid.kind === 'pipe') {
    const radiusM = checkMeasure('radius', solid.radiusM, RADIUS_MAX_M);
    return { swept: 'ball', radiusM, belowM: 0, aboveM: 0 };
  }
  const radiusM = checkMeasure('half width', solid.widthM / 2, RADIUS_MAX_M);
  checkMeasure('thickness', solid.toM - solid.fromM);
  return { swept: 'disc', radiusM, belowM: solid.fromM, aboveM: solid.toM };
}

/** A cover while it is made; `check` is called as runs are added, to stop in time, and may put sorted ones in place of `runs`. */
export interface CoverTask {
  readonly level: number;
  readonly mode: CoverMode;
  readonly coding: HeightCoding;
  runs: SolidRuns;
  readonly check: () => void;
  /** Refuses what is known beforehand to have this many 2D zones at least. */
  readonly foresee: (zones: number) => void;
}

/**
 * Adds the runs of a pipe or strip, and returns their number.
 * @throws {GridError} `geometry-invalid`, `height-invalid`, `polar-unsupported`, and what `check` throws.
 */
export function coverTube(solid: PipeSolid | StripSolid, task: CoverTask): number {
  const profile = profileOf(solid);
  const axis = axisOf(solid);
  foreseeZones(axis, profile, task);
  let added = 0;
  for (const piece of piecesOf(axis)) added += coverPiece(piece, profile, task);
  return added;
}

/**
 * In every row and column a segment spans, its tube passes at least its own width in zones. By the other modes few of them may stay, but
 * all are looked at: there four times as many are allowed.
 */
function foreseeZones(
  { lonDeg, latDeg }: Axis,
  { radiusM }: Profile,
  { level, mode, foresee }: CoverTask,
): void {
  const { lonUnits, latUnits } = beidouLevel(level);
  // No degree is longer than 111.7 km.
  const widestM = (Math.max(lonUnits, latUnits) / UNITS_PER_DEGREE) * 111_700;
  const across = Math.max(1, Math.floor((2 * radiusM) / widestM));
  for (let n = 1; n < lonDeg.length; n += 1) {
    const columns = (Math.abs(lonDeg[n]! - lonDeg[n - 1]!) / lonUnits) * UNITS_PER_DEGREE;
    const rows = (Math.abs(latDeg[n]! - latDeg[n - 1]!) / latUnits) * UNITS_PER_DEGREE;
    const least = Math.floor(Math.max(columns, rows)) * across;
    foresee(Math.floor(mode === 'intersects' ? least : least / 4));
  }
}

/** The refusal of all 3D codes in the polar caps. */
export function polarSolid(): GridError {
  return new GridError(
    'polar-unsupported',
    'Cannot use 3D codes at |lat| >= 88 degrees: their layout is not stated',
  );
}

/** A straight piece of an axis: degrees and metres at both ends. */
interface Piece {
  readonly lon: readonly [number, number];
  readonly lat: readonly [number, number];
  readonly height: readonly [number, number];
}

function* piecesOf({ lonDeg, latDeg, heightM }: Axis): Generator<Piece> {
  const last = lonDeg.length - 1;
  const along = (values: Float64Array, n: number, t: number): number =>
    t === 0 ? values[n]! : t === 1 ? values[n + 1]! : values[n]! + t * (values[n + 1]! - values[n]!);
  if (last === 0) {
    yield {
      lon: [lonDeg[0]!, lonDeg[0]!],
      lat: [latDeg[0]!, latDeg[0]!],
      height: [heightM[0]!, heightM[0]!],
    };
  }
  for (let n = 0; n < last; n += 1) {
    const count = Math.max(1, Math.ceil(Math.abs(latDeg[n + 1]! - latDeg[n]!) / PIECE_DEG));
    for (let k = 0; k < count; k += 1) {
      const [from, to] = [k / count, (k + 1) / count];
      yield {
        lon: [along(lonDeg, n, from), along(lonDeg, n, to)],
        lat: [along(latDeg, n, from), along(latDeg, n, to)],
        height: [along(heightM, n, from), along(heightM, n, to)],
      };
    }
  }
}

/** @returns Number of runs added. */
function coverPiece(piece: Piece, profile: Profile, task: CoverTask): number {
  const { level, mode } = task;
  const [southDeg, northDeg] = [Math.min(...piece.lat), Math.max(...piece.lat)];
  if (northDeg > POLAR_DEG || southDeg < -POLAR_DEG) throw polarSolid();
  const padM = profile.radiusM + DOUBT_M;
  // A strip is measured level, on the ellipsoid itself; a ball in space, from the lowest point it reaches to the highest.
  const flat = profile.swept === 'disc';
  const lowestM = flat ? 0 : Math.min(...piece.height) - padM;
  const highestM = flat ? 0 : Math.max(...piece.height) + padM;
  const reach = { southDeg, northDeg, lowestM, highestM };
  const wide = boundMetres(reach, padM, 'below');
  const radius = mode === 'within' ? profile.radiusM - DOUBT_M : padM;
  if (radius < 0) return 0;
  const { lonUnits, latUnits } = beidouLevel(level);
  const inPlane = planeOf(piece, wide);
  const exact = mode === 'within' ? planeOf(piece, boundMetres(reach, padM, 'above')) : inPlane;
  const out = new Float64Array(2);
  let added = 0;
  const latHalf = padM / wide.perLatDeg;
  const firstRow = Math.floor(((southDeg - latHalf) * UNITS_PER_DEGREE) / latUnits);
  const lastRow = Math.floor(((northDeg + latHalf) * UNITS_PER_DEGREE) / latUnits);
  const rows = rowsPerSide(level);
  if (lastRow >= rows || firstRow < -rows) throw polarSolid();
  const columns = columnsPerSide(level);
  for (let row = firstRow; row <= lastRow; row += 1) {
    const south = (row * latUnits) / UNITS_PER_DEGREE;
    const north = ((row + 1) * latUnits) / UNITS_PER_DEGREE;
    const band = inPlane.rectangle(Number.NEGATIVE_INFINITY, south, Number.POSITIVE_INFINITY, north);
    if (!reachOver(inPlane.segment, 0, inPlane.segment.dx, padM, 'ball', band, out)) continue;
    const firstColumn = Math.floor((inPlane.lonDeg(out[0]!) * UNITS_PER_DEGREE) / lonUnits);
    const lastColumn = Math.floor((inPlane.lonDeg(out[1]!) * UNITS_PER_DEGREE) / lonUnits);
    for (let column = firstColumn; column <= lastColumn; column += 1) {
      const west = (column * lonUnits) / UNITS_PER_DEGREE;
      const east = ((column + 1) * lonUnits) / UNITS_PER_DEGREE;
      if (!heightsOver(exact, profile, radius, mode, west, south, east, north, out)) continue;
      const doubt = mode === 'within' ? 0 : DOUBT_M;
      if (out[0]! > out[1]!) continue;
      const span = layerSpan(out[0]! - doubt, out[1]! + doubt, level, task.coding, mode);
      if (span === undefined) continue;
      task.runs.addCell(wrapColumn(column, columns), row, level, span.floor, span.top);
      added += 1;
      task.check();
    }
  }
  return added;
}

/** A column counted on across the antimeridian, brought back. */
function wrapColumn(column: number, columns: number): number {
  return column - 2 * columns * Math.floor((column + columns) / (2 * columns));
}

/** A piece in metres from its first end. */
interface Plane {
  readonly segment: { readonly x: 0; readonly y: 0; readonly dx: number; readonly dy: number };
  readonly height: number;
  readonly climb: number;
  rectangle(west: number, south: number, east: number, north: number): Rectangle;
  lonDeg(x: number): number;
}

function planeOf(piece: Piece, metres: LocalMetres): Plane {
  const { lon, lat, height } = piece;
  const x = (lonDeg: number): number => (lonDeg - lon[0]) * metres.perLonDeg;
  const y = (latDeg: number): number => (latDeg - lat[0]) * metres.perLatDeg;
  return {
    segment: { x: 0, y: 0, dx: orNone(x(lon[1])), dy: orNone(y(lat[1])) },
    height: height[0],
    climb: height[1] - height[0],
    rectangle: (west, south, east, north) => ({
      west: x(west),
      south: y(south),
      east: x(east),
      north: y(north),
    }),
    lonDeg: (metresEast) => lon[0] + metresEast / metres.perLonDeg,
  };
}

/** A step too short to matter is none: its square would lose all its figures. */
function orNone(stepM: number): number {
  return Math.abs(stepM) < DOUBT_M / 1000 ? 0 : stepM;
}

/**
 * Heights of a tube over a cell: over any of it (`intersects`), over all of it (`within`; by convexity its four corners decide), or
 * over its centre. False where the tube is not there.
 */
function heightsOver(
  plane: Plane,
  profile: Profile,
  radius: number,
  mode: CoverMode,
  west: number,
  south: number,
  east: number,
  north: number,
  out: Float64Array,
): boolean {
  const at = (w: number, s: number, e: number, n: number): boolean =>
    reachOver(
      plane.segment,
      plane.height,
      plane.climb,
      radius,
      profile.swept,
      plane.rectangle(w, s, e, n),
      out,
    );
  if (mode === 'within') {
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (const lon of [west, east]) {
      for (const lat of [south, north]) {
        if (!at(lon, lat, lon, lat)) return false;
        low = Math.max(low, out[0]!);
        high = Math.min(high, out[1]!);
      }
    }
    out[0] = low;
    out[1] = high;
  } else if (mode === 'centre') {
    const lon = (west + east) / 2;
    const lat = (south + north) / 2;
    if (!at(lon, lat, lon, lat)) return false;
  } else if (!at(west, south, east, north)) return false;
  out[0] = out[0]! + profile.belowM;
  out[1] = out[1]! + profile.aboveM;
  return true;
}
