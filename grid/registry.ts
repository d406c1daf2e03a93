/** Every grid by its id: one line a grid. */
import { beidou2d } from './beidou/beidou2d.ts';
import type { DggrsId, ZoneGrid } from './codec.ts';
import { h3 } from './h3/h3.ts';

/** The flat grids by their id. Whoever names it takes all of them into a bundle: import `beidou2d` or `h3` where one will do. */
export const GRIDS: Readonly<Record<DggrsId, ZoneGrid>> = { h3, beidou2d };

/** Is this the id of a grid we have? */
export function isDggrsId(id: string): id is DggrsId {
  return Object.hasOwn(GRIDS, id);
}
