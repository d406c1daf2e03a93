/** Which zones of one grid share area with a zone of the other, and how much: the work under every crosswalk. */

import { beidou2d } from '../beidou/beidou2d.ts';
import {
  columnsPerSide,
  packCell,
  polarUnsupported,
  rowsPerSide,
  unpackCell,
} from '../beidou/beidou2d-cell.ts';
import { beidouLevel, POLAR_MAX_LEVEL, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import { polarBox, polarCells } from '../beidou/beidou2d-polar.ts';
import { tooManyZones } from '../checks.ts';
import { type ArcRing, arcRing, sharedAreaM2 } from '../geometry/arc-ring.ts';
import { rectangleAreaM2 } from '../geometry/ellipsoid.ts';
import { cellVertices, h3 } from '../h3/h3.ts';

/** Zones in no set order and the square metres each shares. */
export interface SharedAreas {
  readonly zones: bigint[];
  readonly areasM2: number[];
}

/** Shares smaller than this part of the zone that is divided are the rounding of zones that only touch. */
const TOUCHING = 1e-12;
const POLAR_DEG = 88;

type Box = readonly [west: number, south: number, east: number, north: number];

/** BeiDou zones under an H3 cell. @throws {GridError} `polar-unsupported` beyond 88 degrees at level 3 and finer; `too-many-zones`. */
export function beidouUnderH3(cell: bigint, level: number, toLevel: number, maxZones: number): SharedAreas {
  const ring = arcRing(cellVertices(cell, level));
  const least = TOUCHING * h3.areaM2(cell, level);
  checkCount(ring, h3.areaM2(cell, level), toLevel, maxZones, h3.format(cell, level));
  const shared: SharedAreas = { zones: [], areasM2: [] };
  const add = (zone: () => bigint, box: Box): void => {
    const area = sharedAreaM2(ring, ...box);
    if (area <= least) return;
    if (shared.zones.length === maxZones) {
      throw tooManyZones(
        `"${h3.format(cell, level)}" at level ${toLevel} of beidou2d`,
        maxZones + 1,
        maxZones,
        true,
      );
    }
    shared.zones.push(zone());
    shared.areasM2.push(area);
  };
  for (const south of [false, true]) {
    if (south ? ring.southDeg >= -POLAR_DEG : ring.northDeg <= POLAR_DEG) continue;
    if (toLevel > POLAR_MAX_LEVEL) throw polarUnsupported(toLevel);
    for (const polar of polarCells(south, toLevel)) add(() => packCell(polar), boxOfPolar(polar));
  }
  addOrdinary(ring, toLevel, add);
  return shared;
}

/** H3 cells under a BeiDou zone. @throws {GridError} `too-many-zones`. */
export function h3UnderBeidou(zone: bigint, level: number, toLevel: number, maxZones: number): SharedAreas {
  const box = beidouBox(zone, level);
  const [west, south, east, north] = box;
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  // The cover may hold cells that only touch.
  const covered = h3.cover(
    { type: 'Polygon', coordinates: [ring] },
    toLevel,
    2 * maxZones + 64,
    'intersects',
  );
  const least = TOUCHING * beidou2d.areaM2(zone, level);
  const shared: SharedAreas = { zones: [], areasM2: [] };
  for (const cell of covered) {
    const area = sharedAreaM2(arcRing(cellVertices(cell, toLevel)), ...box);
    if (area <= least) continue;
    shared.zones.push(cell);
    shared.areasM2.push(area);
  }
  if (shared.zones.length > maxZones) {
    throw tooManyZones(
      `"${beidou2d.format(zone, level)}" at level ${toLevel} of h3`,
      shared.zones.length,
      maxZones,
      false,
    );
  }
  return shared;
}

/** The box of a BeiDou zone, east above 180 where it crosses the antimeridian. */
export function beidouBox(zone: bigint, level: number): Box {
  const cell = unpackCell(zone, level);
  if (cell.polar) return boxOfPolar(cell);
  return boxOfRaster(cell.column, cell.row, level);
}

function boxOfRaster(column: number, row: number, level: number): Box {
  const { lonUnits, latUnits } = beidouLevel(level);
  return [
    (column * lonUnits) / UNITS_PER_DEGREE,
    (row * latUnits) / UNITS_PER_DEGREE,
    ((column + 1) * lonUnits) / UNITS_PER_DEGREE,
    ((row + 1) * latUnits) / UNITS_PER_DEGREE,
  ];
}

function boxOfPolar(cell: Parameters<typeof polarBox>[0]): Box {
  const { westDeg, eastDeg, nearDeg, farDeg } = polarBox(cell);
  return cell.south ? [westDeg, -farDeg, eastDeg, -nearDeg] : [westDeg, nearDeg, eastDeg, farDeg];
}

/** Every raster zone in the bounds of the ring. */
function addOrdinary(ring: ArcRing, level: number, add: (zone: () => bigint, box: Box) => void): void {
  const { lonUnits, latUnits } = beidouLevel(level);
  const perSide = columnsPerSide(level);
  const rows = rowsPerSide(level);
  const index = (deg: number, units: number): number => Math.floor((deg * UNITS_PER_DEGREE) / units);
  const round = ring.eastDeg - ring.westDeg >= 360;
  const firstColumn = round ? -perSide : index(ring.westDeg, lonUnits);
  const lastColumn = round
    ? perSide - 1
    : Math.min(index(ring.eastDeg, lonUnits), firstColumn + 2 * perSide - 1);
  const firstRow = Math.max(-rows, index(ring.southDeg, latUnits));
  const lastRow = Math.min(rows - 1, index(ring.northDeg, latUnits));
  for (let row = firstRow; row <= lastRow; row += 1) {
    for (let unwrapped = firstColumn; unwrapped <= lastColumn; unwrapped += 1) {
      const column = unwrapped - 2 * perSide * Math.floor((unwrapped + perSide) / (2 * perSide));
      add(() => packCell({ polar: false, level, column, row }), boxOfRaster(unwrapped, row, level));
    }
  }
}

/** Refuses early: there are at least as many zones as the largest of them fits into the cell. */
function checkCount(ring: ArcRing, areaM2: number, toLevel: number, maxZones: number, text: string): void {
  const { lonUnits, latUnits } = beidouLevel(toLevel);
  const nearest =
    ring.southDeg <= 0 && ring.northDeg >= 0 ? 0 : Math.min(Math.abs(ring.southDeg), Math.abs(ring.northDeg));
  const south = Math.max(0, nearest - latUnits / UNITS_PER_DEGREE);
  const largest = rectangleAreaM2(lonUnits / UNITS_PER_DEGREE, south, latUnits / UNITS_PER_DEGREE);
  // Polar zones are larger, and few.
  if (toLevel > POLAR_MAX_LEVEL && areaM2 / largest > maxZones) {
    throw tooManyZones(`"${text}" at level ${toLevel} of beidou2d`, areaM2 / largest, maxZones, true);
  }
}
