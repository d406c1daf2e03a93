import type { ZoneGrid } from '../grid/index.ts';
import { beidou2d, h3 } from '../grid/index.ts';
import type { GridId } from './query/shapes.ts';

/** The codec of a grid that zones may be asked in. */
export function gridOf(dggrs: GridId): ZoneGrid {
  return dggrs === 'h3' ? h3 : beidou2d;
}

/** Name of the column that holds a grid's point ids, in every table. */
export function columnOf(dggrs: GridId): 'h3' | 'beidou' {
  return dggrs === 'h3' ? 'h3' : 'beidou';
}
