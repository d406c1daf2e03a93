/** Refusals as values, for batches. */
import { GridError, type GridErrorCode } from './errors.ts';

/** What a batch gives for a row it refuses: the same code and words as the error of the single call. */
export interface GridRefusal {
  readonly code: GridErrorCode;
  readonly message: string;
}

/** The refusal a call throws; undefined when it does not. What is no `GridError` is our mistake and is thrown on. */
export function refusalOf(act: () => unknown): GridRefusal | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    return { code: error.code, message: error.message };
  }
}
