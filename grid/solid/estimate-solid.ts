/** How many 3D zones a cover will have, told before it is made. */
import { beidou2d } from '../beidou/beidou2d.ts';
import { beidouLevel, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { checkLevel } from '../checks.ts';
import type { CoverEstimate } from '../codec.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import type { SolidCoverOptions } from './cover-solid.ts';
import { layerSpan } from './layer-span.ts';
import { metresAt } from './local-metres.ts';
import {
  axisOf,
  checkMeasure,
  checkSolid,
  type DrapedSolid,
  groundAt,
  type PipeSolid,
  prismOfBox,
  RADIUS_MAX_M,
  type Solid,
  type StripSolid,
} from './solid-shape.ts';

/**
 * Zones of `level` that an `intersects` cover will list, not compacted: bounds that hold, and a best guess between. Work grows with the
 * positions of the solid, not with its zones. Several solids are counted as if apart; only `atLeast` knows that they may share zones.
 * @throws {GridError} `geometry-invalid`, `height-invalid`, `level-out-of-range`.
 */
export function estimateSolid(
  solid: Solid | readonly Solid[],
  options: Pick<SolidCoverOptions, 'level' | 'heightCoding'>,
): CoverEstimate {
  checkLevel('beidou3d', options.level, beidou2d.minLevel, beidou2d.maxLevel);
  const solids: readonly Solid[] = Array.isArray(solid) ? solid : [solid as Solid];
  const all = solids.map((one) => estimateOne(one, options));
  return {
    atLeast: all.reduce((most, { atLeast }) => Math.max(most, atLeast), 0),
    about: all.reduce((sum, { about }) => sum + about, 0),
    atMost: all.reduce((sum, { atMost }) => sum + atMost, 0),
  };
}

function estimateOne(
  solid: Solid,
  { level, heightCoding = 'annexC' }: Pick<SolidCoverOptions, 'level' | 'heightCoding'>,
): CoverEstimate {
  checkSolid(solid);
  const thickness = LAYER_THICKNESS[heightCoding][level]!;
  const layersOf = (lowM: number, highM: number): number => {
    const { floor, top } = layerSpan(lowM, highM, level, heightCoding, 'intersects')!;
    return (top - floor) / thickness;
  };
  if (solid.kind === 'pipe' || solid.kind === 'strip') return estimateTube(solid, level, layersOf);
  if (solid.kind === 'draped') return estimateDraped(solid, level, layersOf);
  const { footprint, floorM, topM } = solid.kind === 'box' ? prismOfBox(solid) : solid;
  const flat = beidou2d.estimateCover(footprint, level);
  const layers = layersOf(floorM, topM);
  return { atLeast: flat.atLeast * layers, about: flat.about * layers, atMost: flat.atMost * layers };
}

/** The ground of one position stands for all; what another terrain would add cannot be told. */
function estimateDraped(
  { area, fromM, toM, groundM }: DrapedSolid,
  level: number,
  layersOf: (lowM: number, highM: number) => number,
): CoverEstimate {
  const flat = beidou2d.estimateCover(area, level);
  const point = representativePoint(area);
  if (point === undefined) return { atLeast: 0, about: 0, atMost: 0 };
  const ground = groundAt(groundM, ...point);
  const layers = layersOf(ground + fromM, ground + toM);
  const known = typeof groundM === 'number';
  return {
    atLeast: flat.atLeast * (known ? layers : 1),
    about: flat.about * layers,
    atMost: known ? flat.atMost * layers : Number.POSITIVE_INFINITY,
  };
}

/** Above the widening a cover itself allows for. */
const SLACK = 1.001;

/**
 * Piece by piece: a tube's shadow of area S, w wide and h high (in cells) meets about S + w + h + 1 cells, and at most
 * S + 2w + 2h + 4 (all of them lie in the shadow grown by a cell on each side).
 */
function estimateTube(
  solid: PipeSolid | StripSolid,
  level: number,
  layersOf: (lowM: number, highM: number) => number,
): CoverEstimate {
  const { lonDeg, latDeg, heightM } = axisOf(solid);
  const pipe = solid.kind === 'pipe';
  const radius = checkMeasure('radius', pipe ? solid.radiusM : solid.widthM / 2, RADIUS_MAX_M);
  const [below, above] = pipe ? [-radius, radius] : [solid.fromM, solid.toM];
  const { lonUnits, latUnits } = beidouLevel(level);
  let atLeast = 0;
  let about = 0;
  let atMost = 0;
  for (let n = 0; n < Math.max(1, lonDeg.length - 1) && n < lonDeg.length; n += 1) {
    const m = Math.min(n + 1, lonDeg.length - 1);
    const low = Math.min(heightM[n]!, heightM[m]!);
    const climb = Math.abs(heightM[m]! - heightM[n]!);
    // Cells are narrowest farthest from the equator; a length counts most where they are widest.
    const near = latDeg[n]! * latDeg[m]! <= 0 ? 0 : Math.min(Math.abs(latDeg[n]!), Math.abs(latDeg[m]!));
    const far = Math.min(88, Math.max(Math.abs(latDeg[n]!), Math.abs(latDeg[m]!)) + radius / 110_000);
    const perColumn = lonUnits / UNITS_PER_DEGREE;
    const perRow = latUnits / UNITS_PER_DEGREE;
    const narrow = perColumn * metresAt(far, low - radius).perLonDeg;
    const wide = perColumn * metresAt(near, low + climb + radius).perLonDeg;
    const short = perRow * metresAt(near, low - radius).perLatDeg;
    const long = perRow * metresAt(far, low + climb + radius).perLatDeg;
    const dx = Math.abs(lonDeg[m]! - lonDeg[n]!) / perColumn;
    const dy = Math.abs(latDeg[m]! - latDeg[n]!) / perRow;
    const width = dx + (2 * radius * SLACK) / narrow;
    const height = dy + (2 * radius * SLACK) / short;
    const length = Math.hypot(dx * wide, dy * long);
    const area = ((2 * length + Math.PI * radius) * radius * SLACK) / (narrow * short);
    // The height range over one cell: what the axis climbs while its tube passes it.
    const passed = SLACK * (2 * radius + Math.hypot(wide, long));
    const shortest = Math.hypot(dx * narrow, dy * short);
    const over = shortest > passed ? (climb * passed) / shortest : climb;
    const layers = layersOf(low + below, low + over + above);
    atLeast = Math.max(atLeast, Math.floor(dx), Math.floor(dy), layersOf(low, low + climb) - 1, 1);
    about += (area + width + height + 1) * Math.max(1, layers);
    atMost += (area + 2 * width + 2 * height + 4) * (layers + 1);
  }
  return { atLeast, about: Math.max(atLeast, Math.round(about)), atMost: Math.ceil(Math.max(atMost, about)) };
}
