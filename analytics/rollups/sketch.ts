/**
 * Quantiles by bins whose width grows with the value: whatever a quantile is, the answer is within `RELATIVE_ACCURACY` of a reading of
 * that rank. Two sketches are merged by adding their counts, so parts and readings give the same one.
 *
 * @source Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees" (2019).
 */
export const RELATIVE_ACCURACY = 0.01;

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LN_GAMMA = Math.log(GAMMA);
/** Above the bin of the least double (1e-324 is bin -37,302), so that bins order as values do: negative, 0, positive. */
const ZERO_SHIFT = 40_000;

/** SQL for the bin of the value in a column, INTEGER: ordered as the values, 0 for 0, `-bin` for the opposite value. */
export function binSql(column: string): string {
  return `(sign(${column}) * (ceil(ln(greatest(abs(${column}), 5e-324::DOUBLE)) / ${LN_GAMMA}::DOUBLE) + ${ZERO_SHIFT}))::INTEGER`;
}

/** The value that stands for a bin: within the accuracy of every value in it. */
export function valueOfBin(bin: number): number {
  if (bin === 0) return 0;
  const power = Math.abs(bin) - ZERO_SHIFT;
  return Math.sign(bin) * ((2 * GAMMA ** power) / (GAMMA + 1));
}

/** Counts by bin. */
export type Sketch = ReadonlyMap<number, number>;

/**
 * A quantile of a sketch.
 *
 * @param q - 0 to 1; the value of rank `floor(q * (n - 1))`, counted from 0.
 * @returns Null for a sketch of nothing.
 */
export function quantileOf(sketch: Sketch, q: number): number | null {
  const bins = [...sketch].sort(([a], [b]) => a - b);
  const n = bins.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bin, count] of bins) {
    below += count;
    if (below > Math.floor(q * (n - 1))) return valueOfBin(bin);
  }
  return null;
}
