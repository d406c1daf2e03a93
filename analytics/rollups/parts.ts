/** A reading by its instant, UTC ms. */
export interface TimedResult {
  readonly time: number;
  readonly result: number;
}

/**
 * What is kept of a set of readings so that sets can be merged: merged children equal the parent, counts, minimum, maximum, first and
 * last exactly, sums within 1e-12 of the sum of magnitudes. The database does the same by `mergedPartsSql`.
 */
export interface Parts {
  readonly n: number;
  readonly total: number;
  /** Sum of squared distances from the mean of the set, the value's unit squared. */
  readonly m2: number;
  readonly least: number;
  readonly greatest: number;
  /** Of the earliest instant the least value: readings of one instant have no order. */
  readonly first: TimedResult;
  /** Of the latest instant the greatest value. */
  readonly last: TimedResult;
}

/** One value as parts. */
export function partsOf(result: number, time: number): Parts {
  const one = { time, result };
  return { n: 1, total: result, m2: 0, least: result, greatest: result, first: one, last: one };
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
    first: comesBefore(a.first, b.first) ? a.first : b.first,
    last: comesBefore(a.last, b.last) ? b.last : a.last,
  };
}

/** Population standard deviation; 0 for one value. */
export function standardDeviation(parts: Pick<Parts, 'm2' | 'n'>): number {
  return Math.sqrt(parts.m2 / parts.n);
}

function comesBefore(a: TimedResult, b: TimedResult): boolean {
  return a.time < b.time || (a.time === b.time && a.result < b.result);
}
