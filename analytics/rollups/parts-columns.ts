/** SQL of parts: from readings, and from parts. Columns as in the rollup tables. */

/** Columns of parts behind bucket, dataset, property and zone. */
export const PARTS_COLUMNS =
  'n, total, m2, least, greatest, first_time, first_result, last_time, last_result';

/**
 * Parts of readings with columns `time` and `result`, as a SELECT over `source`. The first is the least value of the earliest instant,
 * the last the greatest of the latest: readings of one instant have no order, and merging must not depend on one.
 *
 * @param keys - Expressions with their names: `h3_parent(h3, 7) AS zone`.
 */
export function partsOfRowsSql(keys: readonly string[], source: string): string {
  const group = keys.map(nameOf).join(', ');
  return `SELECT ${group}, n, total, m2, least, greatest, f.t AS first_time, f.v AS first_result, l.t AS last_time, l.v AS last_result
    FROM (SELECT ${keys.join(', ')}, count(*)::BIGINT AS n, fsum(result) AS total,
        coalesce(var_pop(result), 0) * count(*) AS m2, min(result) AS least, max(result) AS greatest,
        min({'t': time, 'v': result}) AS f, max({'t': time, 'v': result}) AS l
      FROM (${source}) GROUP BY ${positions(keys)})`;
}

/**
 * Merges parts, as a SELECT over `source`, which has the columns of parts and those that the keys name.
 *
 * The squares take a second look at the parts, each against the mean of its whole group: taking them together in one look would lose
 * digits where the mean is great and the spread small.
 *
 * @source Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
 */
export function mergedPartsSql(keys: readonly string[], source: string): string {
  const names = keys.map(nameOf);
  const group = names.join(', ');
  return `WITH part AS MATERIALIZED (SELECT ${keys.join(', ')}, ${PARTS_COLUMNS} FROM (${source})),
    whole AS MATERIALIZED (SELECT ${group}, sum(n)::BIGINT AS n, fsum(total) AS total, min(least) AS least, max(greatest) AS greatest,
        min({'t': first_time, 'v': first_result}) AS f, max({'t': last_time, 'v': last_result}) AS l FROM part GROUP BY ${positions(keys)}),
    spread AS (SELECT ${names.map((name) => `part.${name}`).join(', ')},
        fsum(part.m2 + part.n * (part.total / part.n - whole.total / whole.n) ** 2) AS m2
      FROM part JOIN whole USING (${group}) GROUP BY ${positions(keys)})
    SELECT ${group}, whole.n, whole.total, spread.m2, least, greatest, f.t AS first_time, f.v AS first_result, l.t AS last_time,
      l.v AS last_result FROM whole JOIN spread USING (${group})`;
}

/** Name of an expression: what stands behind its last AS, or the column itself. */
function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(' ') + 1);
}

function positions(keys: readonly string[]): string {
  return keys.map((_, index) => index + 1).join(', ');
}
