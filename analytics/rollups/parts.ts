/**
 * What is kept of a set of values so that sets can be merged: merged children equal the parent, counts, minimum and
 * maximum exactly, sums within 1e-12 of the sum of magnitudes.
 */
export interface Parts {
  readonly n: number;
  readonly total: number;
  /** Sum of squared distances from the mean of the set, the value's unit squared. */
  readonly m2: number;
  readonly least: number;
  readonly greatest: number;
  /** Newest phenomenonTime, UTC ms. */
  readonly newest: number;
}

/** One value as parts. */
export function partsOf(value: number, timeMs: number): Parts {
  return { n: 1, total: value, m2: 0, least: value, greatest: value, newest: timeMs };
}

/**
 * Merges two sets.
 *
 * @source Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
 */
export function mergeParts(a: Parts, b: Parts): Parts {
  const n = a.n + b.n;
  const delta = b.total / b.n - a.total / a.n;
  return {
    n,
    total: a.total + b.total,
    m2: a.m2 + b.m2 + (delta * delta * a.n * b.n) / n,
    least: Math.min(a.least, b.least),
    greatest: Math.max(a.greatest, b.greatest),
    newest: Math.max(a.newest, b.newest),
  };
}

/** Population standard deviation; 0 for one value. */
export function standardDeviation(parts: Parts): number {
  return Math.sqrt(parts.m2 / parts.n);
}
