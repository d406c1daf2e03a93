/** From the coordinates of a table to those of the grids: CGCS2000 degrees, and metres above its ellipsoid. */
import {
  type CoordinateReference,
  type HeightReference,
  isGridError,
  parseCoordinateReference,
  parseHeightReference,
  positionRefusal,
} from '../../grid/index.ts';
import { CodingError, type Refusal } from './coding-error.ts';

/** What positions and heights of one table are counted in. Plain data. */
export interface PositionReference {
  readonly datum: CoordinateReference;
  /** Undefined where none was declared: ellipsoidal, unless the name of the heights says otherwise. */
  readonly height: HeightReference | undefined;
}

/**
 * Reads the declaration of a caller. Not declared: CGCS2000 degrees.
 *
 * @throws {CodingError} `plan-invalid`.
 */
export function positionReference(text: {
  readonly datum?: string | undefined;
  readonly heightReference?: string | undefined;
}): PositionReference {
  try {
    return {
      datum: parseCoordinateReference(plainId(text.datum ?? 'cgcs2000')),
      height: text.heightReference === undefined ? undefined : parseHeightReference(text.heightReference),
    };
  } catch (error) {
    if (isGridError(error)) throw new CodingError('plan-invalid', error.message, { cause: error });
    throw error;
  }
}

/** Ids are written in small letters; people write CGCS2000. */
function plainId(text: string): string {
  return /^[\w-]+$/.test(text) ? text.toLowerCase() : text;
}

/** Why a position of this reference is none; undefined where it is one. */
export function refusalOfPosition(reference: PositionReference, x: number, y: number): Refusal | undefined {
  const refusal = positionRefusal(reference.datum, x, y);
  return refusal && { code: 'position-invalid', message: refusal.message };
}
