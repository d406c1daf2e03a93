/** Why the store refused: our own mistakes and the disk's, never the data's. */
export type StoreErrorCode =
  | 'position-mismatch'
  | 'closed'
  | 'load-failed'
  | 'seal-failed'
  | 'schema-too-new';

/**
 * The store could not do what it was told.
 *
 * @property expected - For `position-mismatch`: the position to pull from instead.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly expected: number | undefined;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { readonly expected?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.expected = options.expected;
  }
}

/** Tells a `StoreError`, with one code or any. */
export function isStoreError(error: unknown, code?: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && (code === undefined || error.code === code);
}
