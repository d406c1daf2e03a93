/** Positions in, codes out: the arithmetic that streams, files and the command line share. No text of a caller is seen here. */
import { beidou3d, GRIDS, isGridError, toCgcs2000Batch, toEllipsoidalHeightBatch } from '../../grid/index.ts';
import type { Refusal } from './coding-error.ts';
import { type CodeColumn, type EncodePlan, needsHeight } from './plan.ts';
import { refusalOfPosition } from './reference.ts';

/** Coordinates of a batch as declared by the plan: longitude or easting, latitude or northing. Shapes (n). NaN where a row has none. */
export interface Positions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly heightM: Float64Array;
}

/** One code column of a batch, shapes (n); the empty text, `NO_ZONE` and `NO_LAYER` for refused rows. */
export interface CodedColumn {
  readonly column: CodeColumn;
  readonly codes: readonly string[];
  readonly ids: BigUint64Array;
  /** Level-10 layers of the floors, of grids with height. */
  readonly layers: Int32Array | undefined;
}

export interface CodedRows {
  readonly columns: readonly CodedColumn[];
  /** By row; undefined where every column has its code. Shape (n). */
  readonly refusals: readonly (Refusal | undefined)[];
  readonly refused: number;
}

/** What the grids take: CGCS2000 degrees and metres above the ellipsoid. */
interface GridPositions {
  readonly lonDeg: Float64Array;
  readonly latDeg: Float64Array;
  readonly heightM: Float64Array;
}

/**
 * Codes a batch.
 *
 * @param known - Reasons already known, by row: such a row gets no code at all.
 */
export function encodeRows(
  plan: EncodePlan,
  positions: Positions,
  known: readonly (Refusal | undefined)[] = [],
): CodedRows {
  const at = toGridPositions(plan, positions);
  const rows = positions.x.length;
  // A row that is refused already must not be coded from what was left in its place.
  for (let i = 0; i < known.length; i += 1) if (known[i] !== undefined) at.lonDeg[i] = Number.NaN;
  const columns = plan.codes.map((column) => encodeColumn(column, plan, at));
  const refusals: (Refusal | undefined)[] = new Array(rows);
  let refused = 0;
  for (let i = 0; i < rows; i += 1) {
    const lacking = columns.find(({ codes }) => codes[i] === '');
    if (lacking === undefined) continue;
    refusals[i] = known[i] ?? refusalOf(lacking.column, plan, positions, at, i);
    refused += 1;
  }
  return { columns, refusals, refused };
}

function toGridPositions(plan: EncodePlan, { x, y, heightM }: Positions): GridPositions {
  const { datum, height } = plan.reference;
  const lonDeg = new Float64Array(x.length);
  const latDeg = new Float64Array(x.length);
  toCgcs2000Batch(datum, x, y, lonDeg, latDeg);
  if (!needsHeight(plan)) return { lonDeg, latDeg, heightM };
  const ellipsoidal = new Float64Array(x.length);
  toEllipsoidalHeightBatch(height ?? 'ellipsoidal', heightM, ellipsoidal);
  return { lonDeg, latDeg, heightM: ellipsoidal };
}

function encodeColumn(column: CodeColumn, plan: EncodePlan, at: GridPositions): CodedColumn {
  const { dggrs, level } = column;
  if (dggrs !== 'beidou3d') {
    const ids = GRIDS[dggrs].encodeBatch(at.lonDeg, at.latDeg, level);
    return { column, ids, codes: GRIDS[dggrs].formatBatch(ids, level), layers: undefined };
  }
  const zones = beidou3d.encodeBatch(at.lonDeg, at.latDeg, at.heightM, level, plan.heightCoding);
  const codes = beidou3d.formatBatch(zones, level, plan.heightCoding);
  return { column, ids: zones.zones, codes, layers: zones.floorLayers };
}

/** Why a row lacks a code: the datum or the scalar codec says it in full. */
function refusalOf(
  { dggrs, level }: CodeColumn,
  plan: EncodePlan,
  { x, y }: Positions,
  at: GridPositions,
  row: number,
): Refusal {
  const refusal = refusalOfPosition(plan.reference, x[row]!, y[row]!);
  if (refusal !== undefined) return refusal;
  const heightM = at.heightM[row]!;
  if (dggrs === 'beidou3d' && Number.isNaN(heightM))
    return { code: 'height-invalid', message: 'The height is missing: a 3D code needs one' };
  try {
    if (dggrs === 'beidou3d')
      beidou3d.encode(at.lonDeg[row]!, at.latDeg[row]!, heightM, level, plan.heightCoding);
    else GRIDS[dggrs].encode(at.lonDeg[row]!, at.latDeg[row]!, level);
  } catch (error) {
    if (isGridError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'position-invalid', message: 'The grid gives no zone here' };
}
