/**
 * The H3 grid, resolutions 0..15: cells of positions and centres by arithmetic of our own (`h3-batch.ts`), the rest over `h3-js`, which
 * wants latitude before longitude.
 *
 * Datum: CGCS2000 / WGS 84 geodetic degrees, which H3 projects as if they were spherical. Parents hold by index and only roughly
 * in space. A point on a shared edge is owned by the cell H3 rounds it to; poles and the antimeridian are nothing special to H3,
 * and +180 and -180 give the same cell.
 */
import {
  cellToBoundary,
  cellToChildren,
  cellToChildrenSize,
  cellToLatLng,
  gridDisk,
  isValidCell,
} from 'h3-js';
import { checkCover, checkLevel, checkPosition, checkText, tooManyZones } from '../checks.ts';
import type { ZoneGrid } from '../codec.ts';
import { GridError } from '../errors.ts';
import { arcAreaM2 } from '../geometry/arc-ring.ts';
import { MAX_SUB_ZONES } from '../no-zone.ts';
import { decodeH3Batch, decodeH3Point, encodeH3Batch, encodeH3Point, formatH3Batch } from './h3-batch.ts';
import { coverCompactH3, coverForRangesH3, coverH3 } from './h3-cover.ts';
import { estimateCoverH3 } from './h3-cover-estimate.ts';
import { descendantRange, indexText, MAX_RESOLUTION, parentIndex, resolutionOf } from './h3-index.ts';
import { boundsOfRing, planarRing } from './h3-ring.ts';

/** Resolution at which points are kept: cells of about 307 m2, edges of about 11 m. */
export const H3_POINT_LEVEL = 12;

function checkResolution(level: number, min = 0, max = MAX_RESOLUTION): void {
  checkLevel('h3', level, min, max);
}

/** Text of a zone that is a cell of that resolution. @throws {GridError} `level-out-of-range`, `zone-invalid`. */
function cellText(zone: bigint, level: number): string {
  checkResolution(level);
  const text = zone < 0n ? '' : indexText(zone);
  if (!isValidCell(text) || resolutionOf(zone) !== level) {
    throw new GridError(
      'zone-invalid',
      `Cannot read H3 zone 0x${zone.toString(16)}: not a cell of level ${level}`,
    );
  }
  return text;
}

function toId(cell: string): bigint {
  return BigInt(`0x${cell}`);
}

function encode(lonDeg: number, latDeg: number, level: number): bigint {
  checkResolution(level);
  checkPosition(lonDeg, latDeg);
  return encodeH3Point(lonDeg, latDeg, level);
}

function parse(text: string): { readonly zone: bigint; readonly level: number } {
  checkText(text);
  const refuse = (reason: string): GridError =>
    new GridError('zone-invalid', `Cannot parse H3 zone "${text.slice(0, 40)}": ${reason}`);
  if (!/^[0-9a-f]{15}$/.test(text)) throw refuse('must be 15 lower-case hexadecimal characters');
  if (!isValidCell(text)) throw refuse('not an index of a cell');
  const zone = toId(text);
  return { zone, level: resolutionOf(zone) };
}

function parent(zone: bigint, level: number, parentLevel: number): bigint {
  cellText(zone, level);
  checkResolution(parentLevel, 0, level);
  return parentIndex(zone, parentLevel);
}

function subZones(zone: bigint, level: number, subLevel: number): readonly bigint[] {
  const text = cellText(zone, level);
  checkResolution(subLevel, level);
  const count = cellToChildrenSize(text, subLevel);
  if (count > MAX_SUB_ZONES) {
    throw tooManyZones(`"${text}" at level ${subLevel}`, count, MAX_SUB_ZONES, false);
  }
  return cellToChildren(text, subLevel).map(toId);
}

/**
 * Vertices of a cell, `[lon, lat]` degrees in -180..180, counter-clockwise, not closed, as H3 gives them: edges between them are great circles.
 * @throws {GridError} `level-out-of-range`, `zone-invalid`.
 */
export function cellVertices(zone: bigint, level: number): readonly (readonly [number, number])[] {
  return vertices(cellText(zone, level));
}

/** Vertices as `[lon, lat]`, not closed. */
function vertices(text: string): readonly (readonly [number, number])[] {
  return cellToBoundary(text).map(([lat, lon]) => [lon, lat]);
}

/**
 * The H3 grid as every room uses it. `boundary` is continuous: a cell across the antimeridian runs beyond +-180, and one that
 * holds a pole is drawn as a band closed along it. `range` refuses levels finer than `pointLevel`, which no id there can tell apart.
 * `areaM2` takes edges for the great circles they are in H3's sphere of geodetic latitudes: within 1e-12 to level 9, 1e-8 at level 15, where
 * the vertices' own degrees round as much.
 */
export const h3: ZoneGrid = {
  id: 'h3',
  minLevel: 0,
  maxLevel: MAX_RESOLUTION,
  pointLevel: H3_POINT_LEVEL,
  encode,
  encodeBatch: encodeH3Batch,
  decodeBatch: decodeH3Batch,
  formatBatch: (zones, level) => {
    checkResolution(level);
    return formatH3Batch(zones);
  },
  format: cellText,
  parse,
  parent,
  subZones,
  neighbours: (zone, level) => {
    const text = cellText(zone, level);
    return gridDisk(text, 1)
      .filter((cell) => cell !== text)
      .map(toId);
  },
  range: (zone, level) => {
    cellText(zone, level);
    checkResolution(level, 0, H3_POINT_LEVEL);
    return descendantRange(zone, level, H3_POINT_LEVEL);
  },
  centre: (zone, level) => {
    checkResolution(level);
    const centre = decodeH3Point(zone, level);
    // Also says why.
    if (Number.isNaN(centre[0])) cellText(zone, level);
    return centre;
  },
  bounds: (zone, level) => boundsOfRing(vertices(cellText(zone, level))),
  boundary: (zone, level) => {
    const text = cellText(zone, level);
    return planarRing(vertices(text), cellToLatLng(text)[1]);
  },
  areaM2: (zone, level) => arcAreaM2(vertices(cellText(zone, level))),
  cover: (geometry, level, maxZones, mode = 'intersects') => {
    checkCover(maxZones, mode);
    checkResolution(level);
    return Array.from(coverH3(geometry, level, maxZones, mode, encodeH3Batch));
  },
  coverCompact: (geometry, level, maxZones, mode = 'intersects') => {
    checkCover(maxZones, mode);
    checkResolution(level);
    return coverCompactH3(geometry, level, maxZones, mode, encodeH3Batch);
  },
  // A dozen cells more than `coverCompact` for a boundary of 9,000.
  coverForRanges: (geometry, level, maxZones) => {
    checkResolution(level, 0, H3_POINT_LEVEL);
    return coverForRangesH3(geometry, level, maxZones, H3_POINT_LEVEL, encodeH3Batch);
  },
  estimateCover: (geometry, level) => {
    checkResolution(level);
    return estimateCoverH3(geometry, level, encodeH3Batch);
  },
};
