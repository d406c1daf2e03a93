/**
 * The BeiDou 2D grid, GB/T 39409-2020, levels 1..10 (6 x 4 degrees down to 1/2048 arc-second, 1.5 cm).
 *
 * Datum CGCS2000. A cell owns the edges nearest the equator and the prime meridian; longitude 0 belongs east, latitude 0 north;
 * +180 lies in zone 60 and -180 in zone 01 (clamped, not wrapped). The polar caps, |lat| >= 88 degrees, have levels 1-2 only.
 */

import { checkCover, checkLevel, checkPosition, checkShapes, tooManyZones } from '../checks.ts';
import type { ZoneGrid } from '../codec.ts';
import { GridError } from '../errors.ts';
import { rectangleAreaM2 } from '../geometry/ellipsoid.ts';
import { MAX_SUB_ZONES, NO_ZONE, wordsOf } from '../no-zone.ts';
import { formatCodes, writeCodeTexts } from './beidou2d-bytes.ts';
import {
  type BeidouCell,
  belowMask,
  codeAt,
  LEVEL_MASKS,
  packCell,
  polarUnsupported,
  unpackCell,
  writeCode,
} from './beidou2d-cell.ts';
import { coverBeidou2d, coverCompactBeidou2d } from './beidou2d-cover.ts';
import { decodeCentres } from './beidou2d-decode.ts';
import { estimateCoverBeidou2d } from './beidou2d-estimate.ts';
import {
  beidouLevel,
  LON_LIMIT_UNITS,
  MAX_LEVEL,
  MIN_LEVEL,
  POLAR_MAX_LEVEL,
  POLAR_UNITS,
  UNITS_PER_DEGREE,
} from './beidou2d-levels.ts';
import { neighbourCells } from './beidou2d-neighbours.ts';
import { polarBox, polarCellAt, polarCells } from './beidou2d-polar.ts';
import { formatCell, parseCode } from './beidou2d-text.ts';
import { type Dms, unitsOfDms, wholeUnits } from './beidou2d-units.ts';

function checkBeidouLevel(level: number, min = MIN_LEVEL): void {
  checkLevel('beidou2d', level, min, MAX_LEVEL);
}

function cellOf(zone: bigint, level: number): BeidouCell {
  checkBeidouLevel(level);
  return unpackCell(zone, level);
}

/** Zone at `x`, `y` whole units from the axes. */
function encodeUnits(x: number, y: number, west: boolean, south: boolean, level: number): bigint {
  const inside = Math.min(x, LON_LIMIT_UNITS - 1);
  if (y < POLAR_UNITS) return codeAt(inside, y, west, south, level);
  if (level > POLAR_MAX_LEVEL) throw polarUnsupported(level);
  return packCell(polarCellAt(inside, y, west, south, level));
}

function encode(lonDeg: number, latDeg: number, level: number): bigint {
  checkBeidouLevel(level);
  checkPosition(lonDeg, latDeg);
  const x = wholeUnits(Math.abs(lonDeg));
  const y = wholeUnits(Math.abs(latDeg));
  return encodeUnits(x, y, lonDeg < 0, latDeg < 0, level);
}

/**
 * Zone of a position in degrees, minutes and seconds, with no rounding anywhere. The hemisphere letters decide on which side
 * of 0 a value of zero lies.
 * @throws {GridError} `position-invalid`, `level-out-of-range`, `polar-unsupported`.
 */
export function encodeDms(lon: Dms, lat: Dms, level: number): bigint {
  checkBeidouLevel(level);
  if (
    (lon.hemisphere !== 'E' && lon.hemisphere !== 'W') ||
    (lat.hemisphere !== 'N' && lat.hemisphere !== 'S')
  ) {
    throw new GridError('position-invalid', 'Cannot encode: longitude must be E or W, latitude N or S');
  }
  return encodeUnits(unitsOfDms(lon), unitsOfDms(lat), lon.hemisphere === 'W', lat.hemisphere === 'S', level);
}

function encodeBatch(
  lonDeg: Float64Array,
  latDeg: Float64Array,
  level: number,
  out: BigUint64Array = new BigUint64Array(lonDeg.length),
): BigUint64Array {
  checkBeidouLevel(level);
  checkShapes(lonDeg.length, latDeg.length, out.length);
  const words = wordsOf(out);
  const [highMask, lowMask] = LEVEL_MASKS[level]!;
  for (let n = 0; n < lonDeg.length; n += 1) {
    const lon = lonDeg[n]!;
    const lat = latDeg[n]!;
    const lonSize = Math.abs(lon);
    const latSize = Math.abs(lat);
    // Written so that NaN is refused too.
    if (!(lonSize <= 180 && latSize <= 90)) {
      words[2 * n] = 0xffff_ffff;
      words[2 * n + 1] = 0xffff_ffff;
      continue;
    }
    const x = Math.min(wholeUnits(lonSize), LON_LIMIT_UNITS - 1);
    const y = wholeUnits(latSize);
    if (y < POLAR_UNITS) {
      writeCode(words, 2 * n, x, y, lon < 0, lat < 0, highMask, lowMask);
    } else {
      // Rare: at most the last two degrees of latitude, where a bigint does no harm.
      out[n] = level > POLAR_MAX_LEVEL ? NO_ZONE : packCell(polarCellAt(x, y, lon < 0, lat < 0, level));
    }
  }
  return out;
}

function subZones(zone: bigint, level: number, subLevel: number): readonly bigint[] {
  const cell = cellOf(zone, level);
  checkBeidouLevel(subLevel, level);
  if (subLevel === level) return [zone];
  if (cell.polar) {
    if (subLevel > POLAR_MAX_LEVEL) throw polarUnsupported(subLevel);
    return polarCells(cell.south, subLevel).map(packCell);
  }
  const from = beidouLevel(level);
  const to = beidouLevel(subLevel);
  const columns = from.lonUnits / to.lonUnits;
  const rows = from.latUnits / to.latUnits;
  if (columns * rows > MAX_SUB_ZONES) {
    throw tooManyZones(`"${formatCell(cell)}" at level ${subLevel}`, columns * rows, MAX_SUB_ZONES, false);
  }
  const found = new BigUint64Array(columns * rows);
  let n = 0;
  for (let row = cell.row * rows; row < (cell.row + 1) * rows; row += 1) {
    for (let column = cell.column * columns; column < (cell.column + 1) * columns; column += 1) {
      found[n] = packCell({ polar: false, level: subLevel, column, row });
      n += 1;
    }
  }
  return Array.from(found.sort());
}

function parent(zone: bigint, level: number, parentLevel: number): bigint {
  cellOf(zone, level);
  checkLevel('beidou2d', parentLevel, MIN_LEVEL, level);
  return zone & ~belowMask(parentLevel);
}

/** [west, south, east, north] in degrees; only polar sector 2 crosses the antimeridian, there `east` is above 180. */
function unwrappedBounds(cell: BeidouCell): readonly [number, number, number, number] {
  if (cell.polar) {
    const { westDeg, eastDeg, nearDeg, farDeg } = polarBox(cell);
    return cell.south ? [westDeg, -farDeg, eastDeg, -nearDeg] : [westDeg, nearDeg, eastDeg, farDeg];
  }
  const { lonUnits, latUnits } = beidouLevel(cell.level);
  return [
    (cell.column * lonUnits) / UNITS_PER_DEGREE,
    (cell.row * latUnits) / UNITS_PER_DEGREE,
    ((cell.column + 1) * lonUnits) / UNITS_PER_DEGREE,
    ((cell.row + 1) * latUnits) / UNITS_PER_DEGREE,
  ];
}

function wrapLon(lonDeg: number): number {
  return lonDeg > 180 ? lonDeg - 360 : lonDeg;
}

/**
 * The anchor ("locating corner", annex B, C.6): the corner nearest the equator and the prime meridian, `[lon, lat]`. It is the
 * south-west corner only in the north-east quadrant. A polar cell's anchor is its corner nearest both as well.
 * @throws {GridError} `zone-invalid`, `level-out-of-range`.
 */
export function anchor(zone: bigint, level: number): readonly [lonDeg: number, latDeg: number] {
  const [west, south, east, north] = unwrappedBounds(cellOf(zone, level));
  const spansMeridian = west < 0 && east > 0;
  const lonDeg = spansMeridian ? 0 : Math.abs(west) <= Math.abs(east) && west <= 180 ? west : east;
  const nearestLon = west >= 180 ? wrapLon(east) : lonDeg;
  return [nearestLon, Math.abs(south) <= Math.abs(north) ? south : north];
}

/** The cells sharing an edge with a zone: four, fewer or more only beside and in the polar caps. @throws {GridError} as `neighbours`. */
export function edgeNeighbours(zone: bigint, level: number): readonly bigint[] {
  return neighbourCells(cellOf(zone, level), 'edge').map(packCell);
}

/**
 * Texts of zones of one level as ASCII, one after another without separators, each of the level's width: 4 6 7 9 11 12 14 16 18 20 bytes
 * for levels 1..10. `NO_ZONE` gives blanks. For files: a column of fixed width.
 * @param bytes - Written from its start; made when left out. At least n x width.
 * @throws {GridError} `level-out-of-range`; `shape-mismatch` when `bytes` is too small.
 */
export function textBytes(zones: BigUint64Array, level: number, bytes?: Uint8Array): Uint8Array {
  checkBeidouLevel(level);
  const size = zones.length * beidouLevel(level).length;
  const out = bytes ?? new Uint8Array(size);
  if (out.length < size) {
    throw new GridError('shape-mismatch', `Cannot write ${size} bytes of text into ${out.length}`);
  }
  writeCodeTexts(wordsOf(zones), 0, zones.length, level, out);
  return out;
}

/** The BeiDou 2D grid as every room uses it. `neighbours` are those by edge and corner, eight in the ordinary area. */
export const beidou2d: ZoneGrid = {
  id: 'beidou2d',
  minLevel: MIN_LEVEL,
  maxLevel: MAX_LEVEL,
  pointLevel: MAX_LEVEL,
  encode,
  encodeBatch,
  decodeBatch: (
    zones,
    level,
    lonDeg = new Float64Array(zones.length),
    latDeg = new Float64Array(zones.length),
  ) => {
    checkBeidouLevel(level);
    checkShapes(lonDeg.length, latDeg.length, zones.length);
    decodeCentres(zones, level, lonDeg, latDeg, beidou2d.centre);
    return { lonDeg, latDeg };
  },
  formatBatch: (zones, level) => {
    checkBeidouLevel(level);
    return formatCodes(zones, level);
  },
  format: (zone, level) => formatCell(cellOf(zone, level)),
  parse: parseCode,
  parent,
  subZones,
  neighbours: (zone, level) => neighbourCells(cellOf(zone, level), 'corner').map(packCell),
  range: (zone, level) => {
    cellOf(zone, level);
    return { lo: zone, hi: zone | belowMask(level) };
  },
  centre: (zone, level) => {
    const cell = cellOf(zone, level);
    if (!cell.polar) {
      const { lonUnits, latUnits } = beidouLevel(level);
      return [
        ((cell.column + 0.5) * lonUnits) / UNITS_PER_DEGREE,
        ((cell.row + 0.5) * latUnits) / UNITS_PER_DEGREE,
      ];
    }
    const [west, south, east, north] = unwrappedBounds(cell);
    // The middle of a whole ring lies on the prime meridian, which its cell owns; of a cap, at its pole.
    return [wrapLon((west + east) / 2), east - west === 360 ? (cell.south ? -90 : 90) : (south + north) / 2];
  },
  bounds: (zone, level) => {
    const [west, south, east, north] = unwrappedBounds(cellOf(zone, level));
    return [west === 180 ? -180 : west, south, wrapLon(east), north];
  },
  boundary: (zone, level) => {
    const [west, south, east, north] = unwrappedBounds(cellOf(zone, level));
    return [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
  },
  areaM2: (zone, level) => {
    const cell = cellOf(zone, level);
    const [west, south, east, north] = unwrappedBounds(cell);
    if (cell.polar) return rectangleAreaM2(east - west, south, north - south);
    const { lonUnits, latUnits } = beidouLevel(level);
    return rectangleAreaM2(lonUnits / UNITS_PER_DEGREE, south, latUnits / UNITS_PER_DEGREE);
  },
  cover: (geometry, level, maxZones, mode = 'intersects') => {
    checkCover(maxZones, mode);
    checkBeidouLevel(level);
    return coverBeidou2d(geometry, level, maxZones, mode);
  },
  coverCompact: (geometry, level, maxZones, mode = 'intersects') => {
    checkCover(maxZones, mode);
    checkBeidouLevel(level);
    return coverCompactBeidou2d(geometry, level, maxZones, mode);
  },
  estimateCover: (geometry, level) => {
    checkBeidouLevel(level);
    return estimateCoverBeidou2d(geometry, level);
  },
};
