/** Neighbours of a BeiDou cell: integer steps on the signed raster, joined at 180 degrees and at 88 degrees of latitude. */
import { type BeidouCell, columnsPerSide, type PolarCell, rowsPerSide } from './beidou2d-cell.ts';
import { POLAR_MAX_LEVEL } from './beidou2d-levels.ts';
import { type PolarBox, polarBox, polarCells } from './beidou2d-polar.ts';

/** `edge`: cells sharing a side (4 in the ordinary area); `corner`: those and the ones sharing only a corner (8). */
export type Adjacency = 'edge' | 'corner';

/**
 * Neighbours at the same level, without the cell itself. At levels 1-2 the row below 88 degrees touches the polar cap's cells;
 * finer cells of that row have no neighbour towards the pole, since those are not defined here. Symmetric.
 */
export function neighbourCells(cell: BeidouCell, adjacency: Adjacency): readonly BeidouCell[] {
  return cell.polar ? polarNeighbours(cell, adjacency) : ordinaryNeighbours(cell, adjacency);
}

function ordinaryNeighbours(
  cell: Extract<BeidouCell, { polar: false }>,
  adjacency: Adjacency,
): readonly BeidouCell[] {
  const { level, column, row } = cell;
  const side = columnsPerSide(level);
  const rows = rowsPerSide(level);
  const found: BeidouCell[] = [];
  for (let dy = -1; dy <= 1; dy += 1) {
    for (let dx = -1; dx <= 1; dx += 1) {
      if ((dx === 0 && dy === 0) || (adjacency === 'edge' && dx !== 0 && dy !== 0)) continue;
      const y = row + dy;
      if (y < -rows || y >= rows) continue;
      found.push({ polar: false, level, column: wrap(column + dx, side), row: y });
    }
  }
  const atCap = row === rows - 1 || row === -rows;
  if (!atCap || level > POLAR_MAX_LEVEL) return found;
  const box = rowBox(column, level);
  for (const polar of polarCells(row < 0, level)) {
    if (touches(box, polarBox(polar), adjacency)) found.push(polar);
  }
  return found;
}

function polarNeighbours(cell: PolarCell, adjacency: Adjacency): readonly BeidouCell[] {
  const { level, south } = cell;
  const box = polarBox(cell);
  const found: BeidouCell[] = [];
  for (const other of polarCells(south, level)) {
    if (other.first === cell.first && other.second === cell.second) continue;
    if (touches(box, polarBox(other), adjacency)) found.push(other);
  }
  if (box.nearDeg !== 88) return found;
  const side = columnsPerSide(level);
  const row = south ? -rowsPerSide(level) : rowsPerSide(level) - 1;
  for (let column = -side; column < side; column += 1) {
    if (touches(rowBox(column, level), box, adjacency)) found.push({ polar: false, level, column, row });
  }
  return found;
}

function wrap(column: number, side: number): number {
  if (column >= side) return column - 2 * side;
  return column < -side ? column + 2 * side : column;
}

/** The box of a cell in the last row below 88 degrees; only its upper edge matters. */
function rowBox(column: number, level: number): PolarBox {
  const width = 180 / columnsPerSide(level);
  return { westDeg: column * width, eastDeg: (column + 1) * width, nearDeg: 87, farDeg: 88 };
}

/** Do two boxes share an edge of some length (`edge`), or at least a point (`corner`)? Degrees here are exact halves. */
function touches(a: PolarBox, b: PolarBox, adjacency: Adjacency): boolean {
  const lat = Math.min(a.farDeg, b.farDeg) - Math.max(a.nearDeg, b.nearDeg);
  if (lat < 0) return false;
  let lon = -1;
  for (const turn of [-360, 0, 360]) {
    lon = Math.max(lon, Math.min(a.eastDeg, b.eastDeg + turn) - Math.max(a.westDeg, b.westDeg + turn));
  }
  if (lon < 0) return false;
  return adjacency === 'corner' || lat > 0 || lon > 0;
}
