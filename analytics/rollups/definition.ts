import type { GridId } from '../query/shapes.ts';

/** Length of a bucket, ms: one hour, aligned to the epoch. */
export const ROLLUP_BUCKET_MS = 3_600_000;

export interface RollupBase {
  readonly dggrs: GridId;
  /** Level at which the parts are kept; coarser levels are derived from it, finer ones are read from the rows. */
  readonly level: number;
}

/**
 * The one rollup: mergeable parts by property, dataset, base zone and hour. H3 level 9 has cells of about 0.1 km2,
 * BeiDou level 5 of about 124 by 100 m: as fine as a screen draws a city.
 */
export const ROLLUP_BASES: readonly RollupBase[] = [
  { dggrs: 'h3', level: 9 },
  { dggrs: 'beidou2d', level: 5 },
];

/** The base from which zones of this level can be derived; undefined when the level is finer. */
export function baseFor(dggrs: GridId, level: number): RollupBase | undefined {
  return ROLLUP_BASES.find((base) => base.dggrs === dggrs && level <= base.level);
}
