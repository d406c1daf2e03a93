/** Zoom to zone level: the board says from which zoom on which level is drawn. */
import type { BoardDeclaration } from '../schema/board.ts';
import type { GridId } from './grids.ts';

/**
 * Zoom as the eye has it: a wall of twice the pixels shows the same city one zoom step deeper, and must not be given cells of
 * half the size for it.
 *
 * @param wall - Root font size over 16.
 */
export function seenZoom(zoom: number, wall: number): number {
  return zoom - Math.log2(Math.max(wall, 0.25));
}

/** Root font size over 16: 1 at 1080 high, 2 at 2160. */
export function wallFactor(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}

/** The level whose `minZoom` the zoom has reached; below all of them the coarsest. */
export function levelAt(levels: BoardDeclaration['map']['levels'], grid: GridId, zoom: number): number {
  const steps = levels[grid];
  let level = (steps[0] as [number, number])[1];
  for (const [minZoom, at] of steps) if (zoom >= minZoom) level = at;
  return level;
}
