/** A crosswalk of a whole region as a sparse matrix, and figures carried from one grid to the other by it. */
import { tooManyZones } from '../checks.ts';
import type { DggrsId } from '../codec.ts';
import { GridError } from '../errors.ts';
import { GRIDS } from '../registry.ts';
import { crosswalk } from './crosswalk.ts';

/** Most shares of one matrix unless told otherwise: 2^22, 50 MB. */
export const MAX_CROSSWALK_SHARES = 4_194_304;

/** Rows are zones of one grid, columns zones of the other, in compressed rows: row r has the shares `offsets[r] .. offsets[r + 1] - 1`. */
export interface CrosswalkMatrix {
  readonly from: DggrsId;
  readonly to: DggrsId;
  /** Shape (rows), in the order given. */
  readonly rowZones: BigUint64Array;
  readonly rowLevel: number;
  /** Areas of the rows' zones on the ellipsoid, square metres. Shape (rows). */
  readonly rowAreasM2: Float64Array;
  /** Shape (columns), ascending. */
  readonly columnZones: BigUint64Array;
  readonly columnLevel: number;
  /** Shape (rows + 1). */
  readonly offsets: Uint32Array;
  /** Column of each share, ascending in a row. Shape (shares). */
  readonly columns: Uint32Array;
  /** Share of the row's area. Each row sums to 1 within 1e-12. Shape (shares). */
  readonly weights: Float64Array;
  /** The residual of greatest size of all rows, as in `Crosswalk`. */
  readonly residual: number;
}

/**
 * The crosswalks of many zones of one level as one matrix.
 * @param zones - Zones of `level`, each once.
 * @param maxShares - Most shares in all.
 * @throws {GridError} as `crosswalk`.
 */
export function crosswalkMatrix(
  from: DggrsId,
  zones: Iterable<bigint>,
  level: number,
  to: DggrsId,
  toLevel: number,
  maxShares: number = MAX_CROSSWALK_SHARES,
): CrosswalkMatrix {
  const rowZones = BigUint64Array.from(zones);
  const offsets = new Uint32Array(rowZones.length + 1);
  const found = new Map<bigint, number>();
  const columns: number[] = [];
  const weights: number[] = [];
  let residual = 0;
  rowZones.forEach((zone, row) => {
    const left = maxShares - columns.length;
    if (left <= 0)
      throw tooManyZones(`a crosswalk of ${rowZones.length} zones`, maxShares + 1, maxShares, true);
    const each = crosswalk(from, zone, level, to, toLevel, left);
    each.zones.forEach((column, n) => {
      let index = found.get(column);
      if (index === undefined) {
        index = found.size;
        found.set(column, index);
      }
      columns.push(index);
      weights.push(each.weights[n]!);
    });
    offsets[row + 1] = columns.length;
    if (Math.abs(each.residual) > Math.abs(residual)) residual = each.residual;
  });
  const columnZones = BigUint64Array.from(found.keys()).sort();
  // Columns were numbered as they came; here by id.
  const place = new Uint32Array(columnZones.length);
  columnZones.forEach((zone, n) => {
    place[found.get(zone)!] = n;
  });
  return {
    from,
    to,
    rowZones,
    rowLevel: level,
    rowAreasM2: Float64Array.from(rowZones, (zone) => GRIDS[from].areaM2(zone, level)),
    columnZones,
    columnLevel: toLevel,
    offsets,
    columns: Uint32Array.from(columns, (column) => place[column]!),
    weights: Float64Array.from(weights),
    residual,
  };
}

/**
 * Carries one figure a zone over to the other grid, as if it lay evenly in its zone.
 * - `sum`, for counts and totals (extensive): each zone's figure is divided by its shares; the total stays what it was.
 * - `mean`, for densities and averages (intensive): means weighted by shared area; figure x area stays what it was over the area covered.
 * @param values - One figure a row, NaN where there is none. Shape (rows).
 * @returns One figure a column, NaN where no figure reached it. Shape (columns).
 * @throws {GridError} `shape-mismatch`.
 */
export function redistribute(
  values: Float64Array,
  matrix: CrosswalkMatrix,
  kind: 'sum' | 'mean',
): Float64Array {
  const { rowZones, rowAreasM2, columnZones, offsets, columns, weights } = matrix;
  if (values.length !== rowZones.length) {
    throw new GridError(
      'shape-mismatch',
      `Cannot redistribute ${values.length} figures: the matrix has ${rowZones.length} rows`,
    );
  }
  const sums = new Float64Array(columnZones.length);
  const areas = new Float64Array(columnZones.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    const scale = kind === 'sum' ? 1 : rowAreasM2[row]!;
    for (let n = offsets[row]!; n < offsets[row + 1]!; n += 1) {
      const column = columns[n]!;
      const share = weights[n]! * scale;
      sums[column]! += share * value;
      areas[column]! += share;
    }
  }
  return sums.map((sum, column) => {
    const area = areas[column]!;
    return area === 0 ? Number.NaN : kind === 'sum' ? sum : sum / area;
  });
}
