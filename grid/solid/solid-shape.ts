/**
 * The solids that can be covered: what a department can say about a building, a wall, a road, a pipe, in its own measures.
 *
 * Positions are CGCS2000 degrees, longitude first; heights are metres above the ellipsoid. Solids are closed: their skin belongs to
 * them. A line may carry the height of each vertex as third number, else a ground height says it.
 */
import { GridError } from '../errors.ts';
import type { GridBox, GridGeometry } from '../geometry/geometry.ts';
import { geometryParts } from '../geometry/geometry-parts.ts';

/** Height of the ground, metres above the ellipsoid: one figure, or a terrain to ask. */
export type GroundHeight = number | ((lonDeg: number, latDeg: number) => number);

/** An upright prism: a footprint between two heights. A point gives a pole, a line a wall without thickness. */
export interface ExtrudedSolid {
  readonly kind: 'extruded';
  readonly footprint: GridGeometry;
  readonly floorM: number;
  readonly topM: number;
}

/** A box on the ellipsoid; west > east across the antimeridian. */
export interface BoxSolid {
  readonly kind: 'box';
  readonly box: GridBox;
}

/**
 * A round pipe or tunnel: all that lies within `radiusM` of its axis, with round ends and joints. The axis runs straight in longitude,
 * latitude and height between its vertices. Its height is the third number of each position, or `groundM` less `depthM`.
 */
export interface PipeSolid {
  readonly kind: 'pipe';
  readonly line: readonly (readonly number[])[];
  readonly radiusM: number;
  /** Depth of the axis below `groundM`, metres: one for all vertices, or one each. */
  readonly depthM?: number | readonly number[];
  readonly groundM?: GroundHeight;
}

/**
 * A strip along a line, upright like a prism: a road, a wall, a river. All that lies within half of `widthM` of the line, measured
 * level, and `fromM` to `toM` above the line's own height there (third number of each position, or `groundM`). Round ends and joints.
 */
export interface StripSolid {
  readonly kind: 'strip';
  readonly line: readonly (readonly number[])[];
  readonly widthM: number;
  readonly fromM: number;
  readonly toM: number;
  readonly groundM?: GroundHeight;
}

/**
 * What lies on the ground of an area: `fromM` to `toM` above a terrain, like a parcel, a square, a wood. The terrain is asked at the
 * centre and the corners of each zone, and taken to stay between these heights inside it.
 */
export interface DrapedSolid {
  readonly kind: 'draped';
  readonly area: GridGeometry;
  readonly fromM: number;
  readonly toM: number;
  readonly groundM: GroundHeight;
}

/** Anything with room that can be covered by 3D zones. */
export type Solid = ExtrudedSolid | BoxSolid | PipeSolid | StripSolid | DrapedSolid;

/** Widest radius of a pipe and half width of a strip, metres: the local measure of lengths is tight only well below this. */
export const RADIUS_MAX_M = 10_000;
/** Deepest height of a line, metres: far below any work of men, and far from the middle of the earth. */
const LINE_DEEPEST_M = -1_000_000;

/** The axis of a pipe or strip: unwrapped longitudes, shapes (n), degrees and metres. */
export interface Axis {
  readonly lonDeg: Float64Array;
  readonly latDeg: Float64Array;
  readonly heightM: Float64Array;
}

/**
 * The axis a pipe or strip runs along; no vertices for an empty line.
 * @throws {GridError} `geometry-invalid` for positions that are none, a vertex without height, numbers of depths and vertices that
 * differ; `height-invalid` for heights that are none.
 */
export function axisOf(solid: PipeSolid | StripSolid): Axis {
  const [part] = geometryParts({ type: 'LineString', coordinates: solid.line });
  if (part === undefined || part.kind !== 'line') {
    return { lonDeg: new Float64Array(0), latDeg: new Float64Array(0), heightM: new Float64Array(0) };
  }
  const count = part.path.length / 2;
  const depths = solid.kind === 'pipe' ? depthsOf(solid, count) : undefined;
  const heightM = Float64Array.from(solid.line, (position, n) =>
    vertexHeight(position, solid.groundM, depths?.[n]),
  );
  return {
    lonDeg: Float64Array.from({ length: count }, (_, n) => part.path[2 * n]!),
    latDeg: Float64Array.from({ length: count }, (_, n) => part.path[2 * n + 1]!),
    heightM,
  };
}

function depthsOf(pipe: PipeSolid, count: number): readonly number[] | undefined {
  const { depthM } = pipe;
  if (depthM === undefined) return undefined;
  if (typeof depthM === 'number') return new Array<number>(count).fill(depthM);
  if (depthM.length === count) return depthM;
  throw new GridError(
    'geometry-invalid',
    `Cannot read a pipe of ${count} vertices and ${depthM.length} depths: give one depth, or one for each vertex`,
  );
}

function vertexHeight(
  position: readonly number[],
  ground: GroundHeight | undefined,
  depthM: number | undefined,
): number {
  const [lon, lat, z] = position;
  let height: number;
  if (depthM === undefined && z !== undefined) height = z;
  else if (ground === undefined) {
    throw new GridError(
      'geometry-invalid',
      `Cannot read the height of [${lon}, ${lat}]: give it as third number, or a ground height (and a depth)`,
    );
  } else height = groundAt(ground, lon!, lat!) - (depthM ?? 0);
  // Text and null, from JSON, would pass the comparisons as numbers.
  if (typeof height === 'number' && height > LINE_DEEPEST_M && height < Number.POSITIVE_INFINITY)
    return height;
  throw new GridError(
    'height-invalid',
    `Cannot use height ${height} m at [${lon}, ${lat}]: must be above ${LINE_DEEPEST_M} m`,
  );
}

/**
 * Height of the ground at a position, metres above the ellipsoid.
 * @throws {GridError} `height-invalid` where it is not known: a terrain without data there gives NaN, and no zone must vanish for it.
 */
export function groundAt(ground: GroundHeight, lonDeg: number, latDeg: number): number {
  const height = typeof ground === 'function' ? ground(lonDeg, latDeg) : ground;
  if (Number.isFinite(height)) return height;
  throw new GridError(
    'height-invalid',
    `Cannot use ground height ${height} m at [${lonDeg}, ${latDeg}]: must be a number`,
  );
}

const KINDS: ReadonlySet<unknown> = new Set<Solid['kind']>(['extruded', 'box', 'pipe', 'strip', 'draped']);

/** @throws {GridError} `geometry-invalid` for what is no solid: they come from files and messages. */
export function checkSolid(solid: Solid | null | undefined): asserts solid is Solid {
  if (KINDS.has(solid?.kind)) return;
  throw new GridError(
    'geometry-invalid',
    `Cannot read solid of kind "${solid?.kind}": must be one of ${[...KINDS].join(', ')}`,
  );
}

/** A measure that must be a finite number >= 0. @throws {GridError} `geometry-invalid`. */
export function checkMeasure(name: string, value: number, mostM = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= 0 && value <= mostM) return value;
  throw new GridError('geometry-invalid', `Cannot use ${name} ${value} m: must be 0..${mostM}`);
}

/** The prism a box is. @throws {GridError} `geometry-invalid`. */
export function prismOfBox({ box }: BoxSolid): ExtrudedSolid {
  const [west, south, floorM, east, north, topM] = box;
  if (!(south <= north && Math.abs(west) <= 180 && Math.abs(east) <= 180)) {
    throw new GridError(
      'geometry-invalid',
      `Cannot read box [${box.join(', ')}]: must be west, south, floor, east, north, top`,
    );
  }
  const right = west > east ? east + 360 : east;
  // A box wider than half the globe would be read the short way round: say its sides in steps.
  const middle = (west + right) / 2;
  const ring = [
    [west, south],
    [middle, south],
    [right, south],
    [right, north],
    [middle, north],
    [west, north],
    [west, south],
  ];
  return { kind: 'extruded', footprint: { type: 'Polygon', coordinates: [ring] }, floorM, topM };
}
