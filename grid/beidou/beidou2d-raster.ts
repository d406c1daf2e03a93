/** The signed raster of one BeiDou level: which row and column a position lies in, and where they end. Units of 1/2048 arc-second. */
import { columnsPerSide, rowsPerSide } from './beidou2d-cell.ts';
import { beidouLevel, LON_LIMIT_UNITS } from './beidou2d-levels.ts';
import { SNAP_UNITS, snapDown } from './beidou2d-units.ts';

/** Columns -n..n-1 from the prime meridian, rows -m..m-1 from the equator, up to the polar caps. */
export interface Raster {
  readonly level: number;
  /** Size of a cell in units. */
  readonly width: number;
  readonly height: number;
  /** Columns and rows on one side of the axes. */
  readonly columns: number;
  readonly rows: number;
}

export function rasterOf(level: number): Raster {
  const { lonUnits, latUnits } = beidouLevel(level);
  return {
    level,
    width: lonUnits,
    height: latUnits,
    columns: columnsPerSide(level),
    rows: rowsPerSide(level),
  };
}

/** Row of a signed y in units, as `encode` finds it; beyond the raster in the caps. */
export function rowOf(y: number, raster: Raster): number {
  return signedIndex(y, raster.height);
}

/** Column of a signed x; one exactly on the antimeridian belongs to the outermost column of its side, as in `encode`. */
export function columnOf(x: number, raster: Raster): number {
  if (Math.abs(Math.abs(x) - LON_LIMIT_UNITS) < SNAP_UNITS)
    return x < 0 ? -raster.columns : raster.columns - 1;
  return signedIndex(x, raster.width);
}

/** Lower border of a row in units as `encode` draws it: snapping moves each border towards the equator by `SNAP_UNITS`. */
export function rowFloor(row: number, height: number): number {
  return row === 0 ? 0 : row * height - Math.sign(row) * SNAP_UNITS;
}

function signedIndex(value: number, size: number): number {
  return value < 0 ? -1 - Math.floor(snapDown(-value) / size) : Math.floor(snapDown(value) / size);
}
