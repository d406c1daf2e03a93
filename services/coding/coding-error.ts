/** The one error this folder throws, and the reasons for which a row is refused. */
import type { GridErrorCode } from '../../grid/index.ts';

/**
 * - `plan-invalid`: what is asked for cannot be done (an unknown grid, a level it lacks, a datum that is none).
 * - `columns-unclear`: the columns of a table cannot be told, or are not there; the message names what was found.
 * - `height-undeclared`: the heights are named as counted from sea level or the ground, and no reference is declared.
 * - `file-invalid`: a file that is not what its name says, or cannot be read on.
 * - `format-unknown`: a file of a kind that is not taken.
 * - `too-large`: a bound was passed; the message names it.
 * - `disk-full`: less than the floor of free space would be left.
 * - `busy`: as many are under way as may be.
 */
export type CodingErrorCode =
  | 'plan-invalid'
  | 'columns-unclear'
  | 'height-undeclared'
  | 'file-invalid'
  | 'format-unknown'
  | 'too-large'
  | 'disk-full'
  | 'busy';

/** `code` is for programs, `message` for people. */
export class CodingError extends Error {
  override readonly name = 'CodingError';
  readonly code: CodingErrorCode;

  constructor(code: CodingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Is this a `CodingError`? Told by its name, for it may have crossed a thread. */
export function isCodingError(error: unknown): error is CodingError {
  return error instanceof CodingError;
}

/**
 * Why one row got no code. Beside the grids' own codes:
 * - `json-invalid`, `line-too-long`: a line of a stream that is no JSON object, or not UTF-8; that is longer than is taken.
 * - `malformed`: a row of a table that cannot be taken apart, a feature that is none.
 * - `value-missing`, `value-invalid`: a cell holds no coordinate or code, or not one.
 */
export type RefusalCode =
  | GridErrorCode
  | 'json-invalid'
  | 'line-too-long'
  | 'malformed'
  | 'value-missing'
  | 'value-invalid';

/** A refused row's reason. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}
