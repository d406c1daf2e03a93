/** A UTC instant as whole or fractional milliseconds since 1970-01-01T00:00:00Z. Unit: ms. */
export type EpochMs = number;

/** ISO 8601 duration text such as `PT1M` or `P1D`; read with `durationMs`. */
export type IsoDuration = string;
