/**
 * Edges of a geometry on the unit sphere as a tree of bounding circles: whoever looks at a small place sees the few edges near it.
 *
 * A leaf is a piece of an edge that is straight in longitude and latitude, stood for by the great-circle arc between its ends; it
 * says how far it strays from that arc, and is halved where that matters. Halves live on a stack above the tree.
 */
import { type GeometryPart, lonSpan, type Path, pathsOf } from '../geometry/geometry-parts.ts';

type Extent = Exclude<GeometryPart, { kind: 'point' }>;

/** Children of a node. */
const ARITY = 8;
/** Longest step of a piece in longitude or latitude, radians: the bound of `strayOf` asks for less than 1. */
const LONGEST = 0.5;
/** Arcs shorter than this (0.6 mm) have no plane to speak of. */
const SHORTEST = 1e-10;
const DEG = Math.PI / 180;
/** Seams closer than this are one. */
const SEAM_DEG = 1e-9;

/** Numbers a node has in `data`: where they start. */
export const CENTRE = 0;
export const RADIUS = 3;
export const NORMAL = 4;
export const STRAY = 7;
export const FROM = 8;
export const TO = 11;
const ENDS = 14;
export const STRIDE = 18;

export class EdgeTree {
  /** `STRIDE` numbers a node: centre, radius (chord), normal of the arc's plane (0 without one), stray, ends as vectors, ends in degrees. */
  data: Float64Array;
  /** By node: first child, count of children (0 for a piece), 1 for what bounds an area. */
  links: Int32Array;
  /** Nodes in use. */
  top = 0;
  readonly roots: number[] = [];
  readonly #holdsAreas: boolean;

  constructor(parts: readonly GeometryPart[]) {
    const extents = parts.filter((part): part is Extent => part.kind !== 'point');
    let positions = 1;
    for (const part of extents) for (const path of pathsOf(part)) positions += path.length / 2;
    // Pieces, an eighth of them above and so on, and some room for halves.
    const room = Math.ceil(positions * 1.3) + 64;
    this.data = new Float64Array(STRIDE * room);
    this.links = new Int32Array(3 * room);
    const seams = seamsOf(extents);
    for (const isArea of [1, 0]) {
      const tops: number[] = [];
      for (const part of extents) {
        if ((part.kind === 'area') !== (isArea === 1)) continue;
        for (const path of pathsOf(part))
          tops.push(...this.#grouped(this.#addPath(path, isArea, seams), isArea, 1));
      }
      this.roots.push(...this.#grouped(tops, isArea, ARITY));
    }
    this.#holdsAreas =
      seams.size === 0 &&
      this.roots.every((root) => !this.isArea(root) || this.circle(root)[3] < 1) &&
      extents.every((part) => part.kind === 'line' || isNarrow(part.rings[0]!));
  }

  /** Centre (unit vector) and radius (chord) of a node. */
  circle(node: number): readonly [x: number, y: number, z: number, chord: number] {
    const [x, y, z, chord] = this.data.subarray(STRIDE * node, STRIDE * node + 4);
    return [x!, y!, z!, chord!];
  }

  /**
   * Circles that hold all areas: centre and squared chord, four numbers each. Undefined where an area may lie outside the circles round
   * its edges: one goes round a pole or the globe, or is about as wide as a hemisphere.
   */
  caps(margin: number): Float64Array | undefined {
    if (!this.#holdsAreas) return undefined;
    const areas = this.roots.filter((root) => this.isArea(root));
    return Float64Array.from(
      areas.flatMap((root) => {
        const [x, y, z, chord] = this.circle(root);
        return [x, y, z, (chord + margin) ** 2];
      }),
    );
  }

  isArea(node: number): boolean {
    return this.links[3 * node + 2] === 1;
  }

  /** Puts the two halves of a piece on the stack: nodes `top` and `top + 1` as they were before. Whoever halves resets `top`. */
  halve(node: number): number {
    const at = STRIDE * node + ENDS;
    const [ax, ay, bx, by] = [this.data[at]!, this.data[at + 1]!, this.data[at + 2]!, this.data[at + 3]!];
    const kind = this.links[3 * node + 2]!;
    const first = this.top;
    const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
    this.#addPiece(ax, ay, mx, my, kind);
    this.#addPiece(mx, my, bx, by, kind);
    return first;
  }

  #addPath(path: Path, kind: number, seams: ReadonlySet<string>): number[] {
    const nodes: number[] = [];
    for (let n = 2; n < path.length; n += 2) {
      const [ax, ay, bx, by] = [path[n - 2]!, path[n - 1]!, path[n]!, path[n + 1]!];
      if (ax === bx && ay === by) continue;
      // What runs along a pole has no length; what two sides of an area share across the antimeridian bounds nothing.
      if (kind === 1 && ((Math.abs(ay) === 90 && ay === by) || (ax === bx && seams.has(seamKey(ax, ay, by)))))
        continue;
      const pieces = Math.ceil((Math.max(Math.abs(bx - ax), Math.abs(by - ay)) * DEG) / LONGEST);
      for (let k = 0; k < pieces; k += 1) {
        const from = k / pieces;
        const to = (k + 1) / pieces;
        const endX = k + 1 === pieces ? bx : ax + (bx - ax) * to;
        const endY = k + 1 === pieces ? by : ay + (by - ay) * to;
        nodes.push(this.#addPiece(ax + (bx - ax) * from, ay + (by - ay) * from, endX, endY, kind));
      }
    }
    const flat = kind === 0 || path.every((value, n) => value === path[n % 2]);
    // A path of one position is a piece without length.
    if (nodes.length === 0 && flat) nodes.push(this.#addPiece(path[0]!, path[1]!, path[0]!, path[1]!, kind));
    return nodes;
  }

  #addPiece(ax: number, ay: number, bx: number, by: number, kind: number): number {
    const node = this.#room();
    const { data } = this;
    const at = STRIDE * node;
    putVector(data, at + FROM, ax, ay);
    putVector(data, at + TO, bx, by);
    data[at + ENDS] = ax;
    data[at + ENDS + 1] = ay;
    data[at + ENDS + 2] = bx;
    data[at + ENDS + 3] = by;
    const [px, py, pz] = [data[at + FROM]!, data[at + FROM + 1]!, data[at + FROM + 2]!];
    const [qx, qy, qz] = [data[at + TO]!, data[at + TO + 1]!, data[at + TO + 2]!];
    const cosMax = pz > 0 === qz > 0 ? Math.sqrt(Math.max(px * px + py * py, qx * qx + qy * qy)) : 1;
    const sinMax = Math.max(Math.abs(pz), Math.abs(qz));
    const stray = strayOf((bx - ax) * DEG, (by - ay) * DEG, sinMax, cosMax);
    const half = 1 / Math.sqrt((px + qx) ** 2 + (py + qy) ** 2 + (pz + qz) ** 2);
    const [mx, my, mz] = [(px + qx) * half, (py + qy) * half, (pz + qz) * half];
    data[at + CENTRE] = mx;
    data[at + CENTRE + 1] = my;
    data[at + CENTRE + 2] = mz;
    data[at + RADIUS] = Math.sqrt((mx - px) ** 2 + (my - py) ** 2 + (mz - pz) ** 2) + stray;
    // The way there, not the end: the product of two near vectors would keep few digits.
    const [wx, wy, wz] = [qx - px, qy - py, qz - pz];
    const [nx, ny, nz] = [py * wz - pz * wy, pz * wx - px * wz, px * wy - py * wx];
    const size = Math.sqrt(nx * nx + ny * ny + nz * nz);
    const scale = size > SHORTEST ? 1 / size : 0;
    data[at + NORMAL] = nx * scale;
    data[at + NORMAL + 1] = ny * scale;
    data[at + NORMAL + 2] = nz * scale;
    data[at + STRAY] = stray;
    this.links[3 * node + 1] = 0;
    this.links[3 * node + 2] = kind;
    return node;
  }

  /** Nodes above nodes, until there are no more than `most`. */
  #grouped(nodes: readonly number[], kind: number, most: number): readonly number[] {
    let tops = nodes;
    while (tops.length > most) {
      const above: number[] = [];
      for (let n = 0; n < tops.length; n += ARITY) above.push(this.#addGroup(tops.slice(n, n + ARITY), kind));
      tops = above;
    }
    return tops;
  }

  #addGroup(children: readonly number[], kind: number): number {
    const node = this.#room();
    const { data } = this;
    let [x, y, z] = [0, 0, 0];
    for (const child of children) {
      x += data[STRIDE * child]!;
      y += data[STRIDE * child + 1]!;
      z += data[STRIDE * child + 2]!;
    }
    const size = Math.hypot(x, y, z);
    // Where the children lie all round the globe no centre is better than another.
    if (size < 1e-6) [x, y, z] = [0, 0, 1];
    else [x, y, z] = [x / size, y / size, z / size];
    let radius = 0;
    for (const child of children) {
      const at = STRIDE * child;
      const away = Math.sqrt((x - data[at]!) ** 2 + (y - data[at + 1]!) ** 2 + (z - data[at + 2]!) ** 2);
      radius = Math.max(radius, away + data[at + RADIUS]!);
    }
    const at = STRIDE * node;
    data[at + CENTRE] = x;
    data[at + CENTRE + 1] = y;
    data[at + CENTRE + 2] = z;
    data[at + RADIUS] = radius;
    data[at + NORMAL] = 0;
    data[at + NORMAL + 1] = 0;
    data[at + NORMAL + 2] = 0;
    data[at + STRAY] = 0;
    // Children were added one after the other, but not always without others between: they are linked by a run of numbers.
    this.links[3 * node] = this.#addRun(children);
    this.links[3 * node + 1] = children.length;
    this.links[3 * node + 2] = kind;
    return node;
  }

  /** Children of all groups, group after group. */
  runs = new Int32Array(64);
  #runsEnd = 0;

  #addRun(children: readonly number[]): number {
    if (this.#runsEnd + ARITY > this.runs.length) {
      const runs = new Int32Array(4 * this.runs.length);
      runs.set(this.runs);
      this.runs = runs;
    }
    const start = this.#runsEnd;
    this.runs.set(children, start);
    this.#runsEnd += children.length;
    return start;
  }

  #room(): number {
    if (STRIDE * (this.top + 1) > this.data.length) {
      const data = new Float64Array(2 * this.data.length);
      data.set(this.data);
      this.data = data;
      const links = new Int32Array(2 * this.links.length);
      links.set(this.links);
      this.links = links;
    }
    this.top += 1;
    return this.top - 1;
  }
}

function isNarrow(path: Path): boolean {
  const [west, east] = lonSpan(path);
  return east - west < 359;
}

/**
 * How far (radians) a piece straight in longitude and latitude strays from the plane of its arc, at most. With g(t) the distance
 * from that plane, |g''| <= s^2 |g| + T where s is the length and T = |(2 u v sin, u^2 sin cos)| for steps u in longitude and v in
 * latitude; so |g| <= T / (8 - s^2), and s^2 <= 1/2 here.
 */
function strayOf(u: number, v: number, sinMax: number, cosMax: number): number {
  const across = 2 * u * v * sinMax;
  // By a pole a long way in longitude is a short one.
  const along = u * u * Math.min(0.5, sinMax, cosMax);
  return Math.sqrt(across * across + along * along) / 7;
}

function putVector(data: Float64Array, at: number, lonDeg: number, latDeg: number): void {
  const lon = lonDeg * DEG;
  const lat = latDeg * DEG;
  const flat = Math.cos(lat);
  data[at] = flat * Math.cos(lon);
  data[at + 1] = flat * Math.sin(lon);
  data[at + 2] = Math.sin(lat);
}

/**
 * Meridian edges at the east end of one area and the west end of one (the same, or another) a whole turn on: the cut of an area
 * along the antimeridian, round a pole or round the globe. The area goes on across them.
 */
function seamsOf(extents: readonly Extent[]): ReadonlySet<string> {
  const east = new Set<string>();
  const west = new Set<string>();
  for (const part of extents) {
    if (part.kind !== 'area') continue;
    const [from, to] = lonSpan(part.rings[0]!);
    // Only a cut at the antimeridian or a whole turn can have another side.
    const isCut = to - from >= 360 - SEAM_DEG || Math.abs(from) === 180 || Math.abs(to) === 180;
    if (!isCut) continue;
    for (const ring of part.rings) {
      for (let n = 2; n < ring.length; n += 2) {
        const x = ring[n]!;
        if (x !== ring[n - 2]!) continue;
        if (x === to) east.add(seamKey(x, ring[n - 1]!, ring[n + 1]!));
        if (x === from) west.add(seamKey(x, ring[n - 1]!, ring[n + 1]!));
      }
    }
  }
  return new Set([...east].filter((key) => west.has(key)));
}

function seamKey(lonDeg: number, aLatDeg: number, bLatDeg: number): string {
  const turns = Math.round((((lonDeg % 360) + 360) % 360) / SEAM_DEG) % Math.round(360 / SEAM_DEG);
  return `${turns}:${Math.min(aLatDeg, bLatDeg)}:${Math.max(aLatDeg, bLatDeg)}`;
}
