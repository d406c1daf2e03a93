/**
 * Edge of an H3 cell at level 12, metres: a place known no better than this lies in a neighbourhood of cells, not in one.
 *
 * @source h3geo.org, table of average edge lengths.
 */
export const H3_POINT_EDGE_M = 10.83;

/** Is a place too vague for the finest zones? Unstated precision is taken at its word. Metres. */
export function isCoarse(precisionM: number | undefined): boolean {
  return precisionM !== undefined && precisionM > H3_POINT_EDGE_M;
}
