/** The one error this room throws, with a closed list of codes. */

/**
 * The codes of all errors and refusals of this room; no other is ever given.
 * - `position-invalid`: not a position (NaN, |lon| > 180, |lat| > 90, an impossible degree-minute-second value).
 * - `level-out-of-range`: not a level of this grid, or not one that fits the question.
 * - `polar-unsupported`: BeiDou level 3 or finer at |lat| >= 88 degrees; the standard does not draw those cells clearly.
 * - `zone-invalid`: not a zone of this grid, as text or as id.
 * - `too-many-zones`: the answer would pass the bound given; the message carries an estimate.
 * - `mode-unknown`: not one of the modes of a cover.
 * - `geometry-invalid`: a geometry that cannot be read (a position missing, a ring wider than the globe).
 * - `height-invalid`: height outside the standard's range, or NaN.
 * - `shape-mismatch`: arrays of a batch differ in length.
 * - `reference-invalid`: a coordinate or height reference that is not declared, or is none that is known here.
 * - `entity-invalid`: an entity that cannot be coded or read (unknown class, no storeys and no height, a text that is no entity code).
 */
export const GRID_ERROR_CODES = [
  'position-invalid',
  'level-out-of-range',
  'polar-unsupported',
  'zone-invalid',
  'too-many-zones',
  'mode-unknown',
  'geometry-invalid',
  'height-invalid',
  'shape-mismatch',
  'entity-invalid',
  'reference-invalid',
] as const;

/** One of `GRID_ERROR_CODES`. */
export type GridErrorCode = (typeof GRID_ERROR_CODES)[number];

/** Thrown by every codec here. `code` is for programs, `message` for people (quoted text, current value and wanted one). */
export class GridError extends Error {
  override readonly name = 'GridError';
  readonly code: GridErrorCode;

  constructor(code: GridErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Is this a `GridError`, and (when a code is given) that one? */
export function isGridError<C extends GridErrorCode>(
  error: unknown,
  code?: C,
): error is GridError & { readonly code: C } {
  return error instanceof GridError && (code === undefined || error.code === code);
}
