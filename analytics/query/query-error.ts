import type { QueryErrorCode } from './shapes.ts';

/**
 * A question that cannot be answered, with a code that `services/problem.ts` turns into HTTP.
 *
 * @property estimate - For `too-large`: how many rows or zones the answer would have had, as far as it was counted.
 * @property limit - For `too-large`: how many are allowed.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: QueryErrorCode;
  readonly estimate: number | undefined;
  readonly limit: number | undefined;

  constructor(
    code: QueryErrorCode,
    message: string,
    options: { readonly estimate?: number; readonly limit?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.estimate = options.estimate;
    this.limit = options.limit;
  }
}

/** Tells a `QueryError`, with one code or any. */
export function isQueryError(error: unknown, code?: QueryErrorCode): error is QueryError {
  return error instanceof QueryError && (code === undefined || error.code === code);
}
