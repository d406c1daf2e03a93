/**
 * A cell as convex pieces on the sphere, one for each face of the icosahedron it lies on: its edges are straight on the plane of a
 * face, so great circles, and bend where they cross to the next face.
 */
import { EDGE_NORMALS, FACE_INRADIUS, type Lattice, type Place, STEPS } from './h3-lattice.ts';

/** Corners one piece can have: a hexagon cut by two edges of a face. */
const MOST_CORNERS = 10;
const MOST_PIECES = 5;
/** A piece narrower than this share of a step is the rounding of a cell that ends on the edge of a face. */
const SLIVER = 1e-7;

/** Half-spaces that bound the pieces: a direction p is in piece k when no normal of it has a negative product with p. */
export class CellShape {
  pieces = 0;
  /** Number of half-spaces of each piece. */
  readonly sides = new Int32Array(MOST_PIECES);
  /** Unit normals of piece k from `3 * MOST_CORNERS * k`. */
  readonly normals = new Float64Array(3 * MOST_CORNERS * MOST_PIECES);

  /** Takes the form of a cell. @param place - Its centre, on its own face. */
  take(grid: Lattice, place: Place, resolution: number, pentagon: boolean): void {
    this.pieces = 0;
    const { face, x, y } = place;
    const step = STEPS[resolution]!;
    const corner = 12 * resolution;
    if (pentagon) {
      this.#takePentagon(grid, place, resolution);
      return;
    }
    let cut = -1;
    const reach = step / Math.sqrt(3);
    if (Math.hypot(x, y) + reach > FACE_INRADIUS) {
      for (let edge = 0; edge < 3; edge += 1) {
        const away = x * EDGE_NORMALS[2 * edge]! + y * EDGE_NORMALS[2 * edge + 1]!;
        if (away + reach > FACE_INRADIUS) {
          const beyond = this.#hexagon(grid, x, y, corner).map(
            ([px, py]) => px! * EDGE_NORMALS[2 * edge]! + py! * EDGE_NORMALS[2 * edge + 1]!,
          );
          if (Math.max(...beyond) > FACE_INRADIUS + SLIVER * step) cut = edge;
        }
      }
    }
    if (cut < 0) {
      const ring = this.#ring;
      for (let k = 0; k < 12; k += 2) {
        ring[k] = x + grid.hexagon[corner + k]!;
        ring[k + 1] = y + grid.hexagon[corner + k + 1]!;
      }
      this.#add(grid, face, 6);
      return;
    }
    const hexagon = this.#hexagon(grid, x, y, corner);
    this.#addRing(grid, face, clip(hexagon, cut, 1), SLIVER * step);
    const at = (3 * face + cut) * 4;
    const [cos, sin, sx, sy] = grid.fold.subarray(at, at + 4) as unknown as [number, number, number, number];
    const beyond = clip(hexagon, cut, -1).map(
      ([px, py]) => [px! * cos - py! * sin + sx, px! * sin + py! * cos + sy] as const,
    );
    this.#addRing(grid, grid.foldFace[3 * face + cut]!, beyond, SLIVER * step);
  }

  readonly #ring = new Float64Array(2 * MOST_CORNERS);

  #hexagon(grid: Lattice, x: number, y: number, at: number): readonly Point[] {
    return [0, 2, 4, 6, 8, 10].map(
      (k) => [x + grid.hexagon[at + k]!, y + grid.hexagon[at + k + 1]!] as const,
    );
  }

  #takePentagon(grid: Lattice, { face, x, y }: Place, resolution: number): void {
    // Its centre is the nearest corner of its face.
    const angle = Math.atan2(y, x) / ((2 * Math.PI) / 3);
    const corner = (Math.round(angle) + 3) % 3;
    for (const each of grid.corners[3 * face + corner]!) {
      const own = each % 3;
      const cos = Math.cos((own * 2 * Math.PI) / 3);
      const sin = Math.sin((own * 2 * Math.PI) / 3);
      let ring = this.#hexagon(grid, 2 * FACE_INRADIUS * cos, 2 * FACE_INRADIUS * sin, 12 * resolution);
      for (let edge = 0; edge < 3; edge += 1) ring = clip(ring, edge, 1);
      this.#addRing(grid, (each - own) / 3, ring, SLIVER * STEPS[resolution]!);
    }
  }

  /** Adds a ring less the corners that are one but for rounding: their side would have no direction. */
  #addRing(grid: Lattice, face: number, ring: readonly Point[], least: number): void {
    let count = 0;
    ring.forEach(([x, y], n) => {
      const [px, py] = ring[(n + ring.length - 1) % ring.length]!;
      if (Math.hypot(x - px, y - py) < least) return;
      this.#ring[2 * count] = x;
      this.#ring[2 * count + 1] = y;
      count += 1;
    });
    if (count > 2) this.#add(grid, face, count);
  }

  /** Adds the piece whose corners stand in the ring. */
  #add(grid: Lattice, face: number, count: number): void {
    const { bases } = grid;
    const b = 9 * face;
    const ring = this.#ring;
    const { normals } = this;
    let at = 3 * MOST_CORNERS * this.pieces;
    for (let n = 0; n < count; n += 1) {
      const x = ring[2 * n]!;
      const y = ring[2 * n + 1]!;
      const after = n + 1 === count ? 0 : 2 * n + 2;
      const dx = ring[after]! - x;
      const dy = ring[after + 1]! - y;
      const vx = bases[b]! + x * bases[b + 3]! + y * bases[b + 6]!;
      const vy = bases[b + 1]! + x * bases[b + 4]! + y * bases[b + 7]!;
      const vz = bases[b + 2]! + x * bases[b + 5]! + y * bases[b + 8]!;
      // The way to the next corner, not that corner: the product of two near vectors would keep few digits.
      const wx = dx * bases[b + 3]! + dy * bases[b + 6]!;
      const wy = dx * bases[b + 4]! + dy * bases[b + 7]!;
      const wz = dx * bases[b + 5]! + dy * bases[b + 8]!;
      const nx = vy * wz - vz * wy;
      const ny = vz * wx - vx * wz;
      const nz = vx * wy - vy * wx;
      const scale = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
      normals[at] = nx * scale;
      normals[at + 1] = ny * scale;
      normals[at + 2] = nz * scale;
      at += 3;
    }
    this.sides[this.pieces] = count;
    this.pieces += 1;
  }

  /**
   * Does the chord a-b meet the cell with every side moved out by `grow` (in, where negative)?
   * @param data - Holds a at `from` and b at `to`, three numbers each.
   */
  meets(data: Float64Array, from: number, to: number, grow: number): boolean {
    const [ax, ay, az] = [data[from]!, data[from + 1]!, data[from + 2]!];
    const [bx, by, bz] = [data[to]!, data[to + 1]!, data[to + 2]!];
    const { normals } = this;
    for (let piece = 0; piece < this.pieces; piece += 1) {
      let first = 0;
      let last = 1;
      let at = 3 * MOST_CORNERS * piece;
      const end = at + 3 * this.sides[piece]!;
      for (; at < end; at += 3) {
        const [nx, ny, nz] = [normals[at]!, normals[at + 1]!, normals[at + 2]!];
        const a = nx * ax + ny * ay + nz * az + grow;
        const b = nx * bx + ny * by + nz * bz + grow;
        if (a < 0) {
          if (b < 0) break;
          const cut = a / (a - b);
          if (cut > first) first = cut;
        } else if (b < 0) {
          const cut = a / (a - b);
          if (cut < last) last = cut;
        }
        if (first > last) break;
      }
      if (at === end) return true;
    }
    return false;
  }
}

type Point = readonly [x: number, y: number];

/** What of a ring lies within (side 1) or beyond (-1) an edge of the face. */
function clip(ring: readonly Point[], edge: number, side: 1 | -1): readonly Point[] {
  const [nx, ny] = [EDGE_NORMALS[2 * edge]!, EDGE_NORMALS[2 * edge + 1]!];
  const away = ([x, y]: Point): number => side * (FACE_INRADIUS - (x * nx + y * ny));
  return ring.flatMap((to, n) => {
    const from = ring[(n + ring.length - 1) % ring.length]!;
    const [a, b] = [away(from), away(to)];
    const t = a / (a - b);
    const cut: Point[] =
      a > 0 !== b > 0 ? [[from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]] : [];
    return b > 0 ? [...cut, to] : cut;
  });
}
