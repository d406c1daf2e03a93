import type { GridId } from '../query/shapes.ts';
import type { Bucket, CityTime } from '../time/city-time.ts';
import { columnOf } from '../zones.ts';

/** Lengths of buckets that are kept, in the city's time. A quarter of an hour is merged from minutes, a month from days. */
export const TIERS = ['minute', 'hour', 'day'] as const;
export type Tier = (typeof TIERS)[number];

/** A grid level at which parts may be kept; coarser levels are derived from it. */
export interface RollupBase {
  readonly dggrs: GridId;
  readonly level: number;
}

/** Change it when tables, tiers or bases change their meaning: everything is built anew then. */
export const ROLLUP_VERSION = 1;

/**
 * Candidates, finest first within each grid; the last of each grid is always kept, the finer ones where they pay (`keepBases`).
 * H3 level 10 has cells of 15,000 m2, level 7 of 5 km2; BeiDou level 6 of 62 by 50 m, level 4 of 1.9 by 1.5 km.
 */
export const ROLLUP_BASES: readonly RollupBase[] = [
  { dggrs: 'h3', level: 10 },
  { dggrs: 'h3', level: 9 },
  { dggrs: 'h3', level: 8 },
  { dggrs: 'h3', level: 7 },
  { dggrs: 'beidou2d', level: 6 },
  { dggrs: 'beidou2d', level: 5 },
  { dggrs: 'beidou2d', level: 4 },
];

/** Bases that minutes and sketches are kept at. */
export const COARSE_BASES: readonly RollupBase[] = [
  { dggrs: 'h3', level: 7 },
  { dggrs: 'beidou2d', level: 4 },
];

/**
 * A finer base, or the minutes of an hour, are kept where they have at most 1 row for so many readings: a row of parts is some four
 * sealed readings long, and where they are not kept a viewport of V zones reads fewer than so many times V readings a bucket.
 */
export const READINGS_PER_ROW = 4;
/** A base is kept beside a finer one, and a day beside its hours, where it has at most 1 row for so many of theirs. */
export const ROWS_PER_ROW = 2;

export function basesOf(tier: Tier): readonly RollupBase[] {
  return tier === 'minute' ? COARSE_BASES : ROLLUP_BASES;
}

/** `h3_7`, `beidou_4`: a base in names of tables. */
export function baseName({ dggrs, level }: RollupBase): string {
  return `${columnOf(dggrs)}_${level}`;
}

export function rollupTable(tier: Tier, base: RollupBase): string {
  return `rollup_${tier}_${baseName(base)}`;
}

/** SQL for the zone of a base that holds the one in the grid's own column. */
export function zoneSql({ dggrs, level }: RollupBase, column: string = columnOf(dggrs)): string {
  return `${columnOf(dggrs)}_parent(${column}, ${level})`;
}

/**
 * Which bases of a bucket are worth their rows, in the order of `ROLLUP_BASES`. The last of a grid always; a finer one when it has at
 * most 1 row for `ROWS_PER_ROW` of what would be read instead: of the next finer base that is kept, or of the source.
 *
 * @param rows - Rows each base would have.
 * @param source - What each would be made of, counted in rows of parts.
 */
export function keepBases(rows: readonly number[], source: readonly number[]): readonly boolean[] {
  let finer = Number.POSITIVE_INFINITY;
  return ROLLUP_BASES.map(({ dggrs }, index) => {
    if (ROLLUP_BASES[index - 1]?.dggrs !== dggrs) finer = Number.POSITIVE_INFINITY;
    const pays = rows[index]! * ROWS_PER_ROW <= Math.min(source[index]!, finer);
    if (pays) finer = rows[index]!;
    return pays || ROLLUP_BASES[index + 1]?.dggrs !== dggrs;
  });
}

/** From the first to behind the last whole bucket of a tier in a span; null when it holds none. */
export function wholeBuckets(calendar: CityTime, tier: Tier, span: Bucket): Bucket | null {
  const from = calendar.ceil(tier, Math.ceil(span.from));
  const to = calendar.floor(tier, Math.ceil(span.to));
  return from < to ? { from, to } : null;
}
