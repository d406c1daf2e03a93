/** Zoom to zone level: the board says from which zoom on which level is drawn. */
import type { BoardDeclaration } from '../schema/board.ts';
import type { GridId } from './grids.ts';

/** The level whose `minZoom` the zoom has reached; below all of them the coarsest. */
export function levelAt(levels: BoardDeclaration['map']['levels'], grid: GridId, zoom: number): number {
  const steps = levels[grid];
  let level = (steps[0] as [number, number])[1];
  for (const [minZoom, at] of steps) if (zoom >= minZoom) level = at;
  return level;
}
