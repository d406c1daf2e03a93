import {
  cellToBoundary,
  cellToChildren,
  cellToLatLng,
  getPentagons,
  getRes0Cells,
  gridDisk,
  isPentagon,
} from 'h3-js';
import { describe, expect, it } from 'vitest';
import { CellShape } from './h3-cell-shape.ts';
import { directionOf, type Lattice, lattice, newPlace, putPlace, REACH_STEPS, STEPS } from './h3-lattice.ts';
import { seeded } from './test-h3-shapes.ts';

type Vector = readonly [number, number, number];

const grid: Lattice = lattice();
const place = newPlace();

/** Puts a cell by its text; returns its resolution. */
function put(text: string): number {
  const id = BigInt(`0x${text}`);
  const resolution = Number((id >> 52n) & 15n);
  const root = grid.roots[Number((id >> 45n) & 127n)]!;
  let { face, sixths, x, y } = root;
  let sectors = root.sectors;
  for (let level = 1; level <= resolution; level += 1) {
    const digit = Number((id >> BigInt(3 * (15 - level))) & 7n);
    if (digit === 0) continue;
    if (sectors !== undefined) ({ face, sixths, x, y } = sectors[digit]!);
    sectors = undefined;
    const at = 12 * level + 2 * directionOf(digit, sixths);
    x += grid.steps[at]!;
    y += grid.steps[at + 1]!;
  }
  putPlace(grid, place, face, x, y);
  return resolution;
}

function vector([lat, lon]: readonly [number, number]): Vector {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

function away([x, y, z]: Vector): number {
  return Math.hypot(place.vx - x, place.vy - y, place.vz - z);
}

/** Every cell to resolution 3, and those round the pentagons at all. */
function* cells(): Generator<string> {
  for (const base of getRes0Cells()) for (const level of [0, 1, 2, 3]) yield* cellToChildren(base, level);
  for (let level = 4; level <= 15; level += 1) {
    for (const pentagon of getPentagons(level)) yield* gridDisk(pentagon, 3);
  }
}

describe('lattice', () => {
  it('puts centres and corners where h3-js does: every cell to resolution 3, and those round the pentagons at all', () => {
    const shape = new CellShape();
    const data = new Float64Array(6);
    let count = 0;
    for (const text of cells()) {
      const resolution = put(text);
      if (!(away(vector(cellToLatLng(text))) < 4e-14)) expect(text).toBe('where it is');
      shape.take(grid, place, resolution, isPentagon(text));
      // A corner lies on the edge: in the form a little wider, not in the one a little narrower.
      const little = 1e-6 * STEPS[resolution]!;
      for (const corner of cellToBoundary(text)) {
        data.set([...vector(corner), ...vector(corner)]);
        const on = shape.meets(data, 0, 3, little) && !shape.meets(data, 0, 3, -little);
        if (!on) expect(`${text} ${corner}`).toBe('on its edge');
      }
      count += 1;
    }
    expect(count).toBeGreaterThan(50_000);
  });

  it('REACH_STEPS: no corner of a descendant is farther from a centre, and some are nearly as far', () => {
    const random = seeded(31);
    const some = [
      ...getRes0Cells(),
      ...getPentagons(1),
      ...getRes0Cells().flatMap((base) => cellToChildren(base, 1)),
    ];
    let farthest = 0;
    for (const text of some) {
      if (random() < 0.8) continue;
      const level = put(text);
      const reach = REACH_STEPS * STEPS[level]!;
      const least = Math.max(0, Math.hypot(place.x, place.y) - reach);
      // The bound the descent works with.
      const radius = reach / Math.sqrt(1 + least * least);
      const below = random() < 0.1 ? level + 4 : level + 3;
      for (const descendant of cellToChildren(text, below)) {
        for (const corner of cellToBoundary(descendant)) {
          const share = away(vector(corner)) / radius;
          if (share > farthest) farthest = share;
        }
      }
    }
    expect(farthest).toBeLessThan(1);
    expect(farthest).toBeGreaterThan(0.9);
  });
});
