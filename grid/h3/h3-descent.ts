/**
 * The descent that finds the H3 cells of a geometry: from the base cells down, closer only where an edge is near.
 *
 * Descendants of a cell stick out of it, but none reaches farther from its centre than `REACH_STEPS` on the plane of the face, and
 * no plane distance is less than the one on the sphere. So a cell with no edge in that circle is, with all its descendants, inside
 * or outside; the others are opened, and at the level asked for the edges near a cell are tested against its own form.
 *
 * A cell counts as met by every edge nearer than a tenth of `TOLERANCE` (in average edges of its level) and by none farther than all of
 * it: none that is met is missed by `intersects`, and what is listed as `within` is so by a margin.
 */
import { tooManyZones } from '../checks.ts';
import type { CoverMode } from '../codec.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { geometryParts } from '../geometry/geometry-parts.ts';
import { HIGH_WORD } from '../no-zone.ts';
import { CellShape } from './h3-cell-shape.ts';
import { type EncodeBatch, pointsOf, representativeOf } from './h3-cover-points.ts';
import { CENTRE, EdgeTree, FROM, NORMAL, RADIUS, STRAY, STRIDE, TO } from './h3-edges.ts';
import { type Inside, prepareInside } from './h3-inside.ts';
import {
  BASE_CELLS,
  CORNER_STEPS,
  directionOf,
  type Lattice,
  lattice,
  newPlace,
  putPlace,
  REACH_STEPS,
  type Root,
  STEPS,
} from './h3-lattice.ts';
import { baseOf, basePrefix, CellList, DIGIT_HIGH, DIGIT_LOW, descendantCount, digitOf } from './h3-words.ts';

/** No edge farther than this share of an average edge meets a cell: far above all rounding, far below what a map shows. */
const TOLERANCE = 1e-4;
/** Sides are moved out by this share of the tolerance: where a cell bends the corner of a piece moves up to seven times as far. */
const GROW = 0.1 * TOLERANCE;
/** A piece that strays less than this share of an average edge from its arc is not halved any more. */
const FINE = 0.5 * GROW;
/** Average edge in radians at resolution 0 (1281.256 km on 6371.007 km); each finer one is sqrt(7) shorter. */
export const EDGE_RADIANS_0 = 1281.256 / 6371.007180918475;
/** Groups wider than this share of a cell's circle are opened, pieces that stray farther are halved. */
const OPEN_GROUP = 0.5;
const HALVE_PIECE = 0.05;
/** Far above the rounding of a dot product, far below any cell. */
const ROUNDING = 1e-14;
/** Unmerged cells that may stand in the list beyond what it ends with: seven for each level. */
const MERGE_SLACK = 128;

/** One walk down the cells. */
export class Descent {
  readonly cells = new CellList();
  /** Cells of the level asked for that the list stands for. */
  listed = 0;
  maxListed = Number.POSITIVE_INFINITY;
  maxKept = Number.POSITIVE_INFINITY;
  /** How many cells a refusal says there are, by what was found so far. */
  tell: (found: number) => number = (found) => found;
  /** Cells of `stopLevel` that an edge may reach, when the descent is told to stop above its level. */
  open = 0;
  stopLevel: number;
  /** From this level on a cell stands whole as soon as one of its descendants of the level asked for does. */
  wholeFrom = Number.POSITIVE_INFINITY;

  readonly #level: number;
  readonly #mode: CoverMode;
  readonly #edges: EdgeTree;
  readonly #inside: Inside | undefined;
  /** Circles that hold all areas, where there are such: centre and squared chord. Most looks end here. */
  readonly #caps: Float64Array | undefined;
  readonly #points: Uint32Array;
  readonly #representative: () => Uint32Array | undefined;
  readonly #grid: Lattice = lattice();
  readonly #shape = new CellShape();
  readonly #place = newPlace();
  readonly #grow: number;
  readonly #fine: number;
  /** Nodes near the cells on the way down, one run a cell. */
  #near = new Int32Array(256);
  #nearEnd = 0;
  #areasNear = 0;

  constructor(geometry: GridGeometry, level: number, mode: CoverMode, encodeBatch: EncodeBatch) {
    const parts = geometryParts(geometry);
    const areas = parts.filter((part) => part.kind === 'area');
    this.#level = level;
    this.stopLevel = level;
    this.#mode = mode;
    this.#edges = new EdgeTree(mode === 'within' ? areas : parts);
    this.#inside = areas.length > 0 ? prepareInside(areas) : undefined;
    this.#points = mode === 'within' ? new Uint32Array(0) : pointsOf(parts, level, encodeBatch);
    this.#representative = () => representativeOf(geometry, level, mode, encodeBatch);
    this.#caps = this.#edges.caps(ROUNDING);
    const edge = EDGE_RADIANS_0 / Math.sqrt(7) ** level;
    this.#grow = GROW * edge;
    this.#fine = FINE * edge;
  }

  get edges(): EdgeTree {
    return this.#edges;
  }

  run(): void {
    const { roots } = this.#edges;
    this.#near.set(roots.slice(0, 256));
    const points = this.#points.length / 2;
    let point = 0;
    for (let base = 0; base < BASE_CELLS; base += 1) {
      const root = this.#grid.roots[base]!;
      const from = point;
      while (point < points && baseOf(this.#points[2 * point + HIGH_WORD]!) === base) point += 1;
      const high = basePrefix(base);
      const { face, sixths, x, y } = root;
      const pentagon = root.sectors === undefined ? undefined : root;
      if (this.#visit(high, 0, 0, face, sixths, x, y, pentagon, 0, roots.length, from, point, false)) {
        this.#keep(high, 0, 0);
      }
    }
    const own = this.cells.count === 0 && this.open === 0 ? this.#representative() : undefined;
    if (own !== undefined) {
      this.#count(this.#level, false);
      this.#keep(own[HIGH_WORD]!, own[1 - HIGH_WORD]!, this.#level);
    }
    if (this.cells.count > this.maxKept) throw this.#refuse(this.cells.count, this.maxKept);
  }

  /**
   * Adds what of a cell stands for the geometry, unless that is all of it.
   * @param pentagon - Its base cell, when it is a pentagon.
   * @param from - Its parent's run of near nodes, to `to`; its points are `point` to `pointEnd`.
   * @param outside - Whether it is known to lie outside all areas.
   * @returns Whether all its descendants do.
   */
  #visit(
    high: number,
    low: number,
    level: number,
    face: number,
    sixths: number,
    x: number,
    y: number,
    pentagon: Root | undefined,
    from: number,
    to: number,
    point: number,
    pointEnd: number,
    outside: boolean,
  ): boolean {
    const place = this.#place;
    putPlace(this.#grid, place, face, x, y);
    const leaf = level === this.#level;
    const reach = (leaf ? CORNER_STEPS : REACH_STEPS) * STEPS[level]!;
    // A step is shorter on the sphere, by the cosine of the angle from the face's centre at most.
    const least = Math.max(0, Math.sqrt(place.x * place.x + place.y * place.y) - reach);
    const radius = reach / Math.sqrt(1 + least * least) + ROUNDING + (leaf ? this.#grow : 0);
    const top = this.#edges.top;
    this.#nearEnd = to;
    this.#areasNear = 0;
    for (let n = from; n < to; n += 1) this.#take(this.#near[n]!, radius, leaf);
    const end = this.#nearEnd;
    const answer = this.#decide(
      high,
      low,
      level,
      face,
      sixths,
      x,
      y,
      pentagon,
      to,
      end,
      point,
      pointEnd,
      outside,
    );
    this.#edges.top = top;
    return answer;
  }

  #decide(
    high: number,
    low: number,
    level: number,
    face: number,
    sixths: number,
    x: number,
    y: number,
    pentagon: Root | undefined,
    from: number,
    to: number,
    point: number,
    pointEnd: number,
    outside: boolean,
  ): boolean {
    let apart = outside || this.#inside === undefined;
    if (!apart && this.#areasNear === 0) {
      if (this.#holdsCentre()) return this.#count(level, pentagon !== undefined);
      apart = true;
    }
    if (apart && from === to && point === pointEnd) return false;
    if (level === this.#level) {
      return (
        this.#stands(level, pentagon !== undefined, from, to, point < pointEnd, apart) &&
        this.#count(level, false)
      );
    }
    if (level === this.stopLevel) {
      if (from < to) this.open += 1;
      return false;
    }
    const mark = this.cells.count;
    const next = level + 1;
    const { steps } = this.#grid;
    let all = true;
    let at = point;
    for (let digit = 0; digit < 7; digit += 1) {
      // A pentagon has no child in the direction of digit 1.
      if (pentagon !== undefined && digit === 1) continue;
      const start = at;
      while (
        at < pointEnd &&
        digitOf(this.#points[2 * at + HIGH_WORD]!, this.#points[2 * at + 1 - HIGH_WORD]!, next) === digit
      ) {
        at += 1;
      }
      const childHigh = high | DIGIT_HIGH[8 * next + digit]!;
      const childLow = low | DIGIT_LOW[8 * next + digit]!;
      let whole: boolean;
      if (digit === 0) {
        whole = this.#visit(
          childHigh,
          childLow,
          next,
          face,
          sixths,
          x,
          y,
          pentagon,
          from,
          to,
          start,
          at,
          apart,
        );
      } else {
        const frame = pentagon?.sectors?.[digit];
        const turn = frame?.sixths ?? sixths;
        const step = 12 * next + 2 * directionOf(digit, turn);
        const childX = (frame?.x ?? x) + steps[step]!;
        const childY = (frame?.y ?? y) + steps[step + 1]!;
        whole = this.#visit(
          childHigh,
          childLow,
          next,
          frame?.face ?? face,
          turn,
          childX,
          childY,
          undefined,
          from,
          to,
          start,
          at,
          apart,
        );
      }
      if (whole && level >= this.wholeFrom) return true;
      if (whole) this.#keep(childHigh, childLow, next);
      else all = false;
    }
    if (all) this.cells.count = mark;
    return all;
  }

  /** Counts a cell that stands with all it holds. */
  #count(level: number, pentagon: boolean): true {
    this.listed += descendantCount(this.#level - level, pentagon);
    if (this.listed > this.maxListed) throw this.#refuse(this.listed, this.maxListed);
    return true;
  }

  #keep(high: number, low: number, level: number): void {
    this.cells.push(high, low, level);
    if (this.cells.count > this.maxKept + MERGE_SLACK) throw this.#refuse(this.cells.count, this.maxKept);
  }

  #refuse(count: number, bound: number): Error {
    return tooManyZones(
      `level ${this.#level} in this geometry`,
      Math.max(count, this.tell(count)),
      bound,
      true,
    );
  }

  /** Adds a node to the run of near ones if it is near; opens it where it is too coarse for the circle. */
  #take(node: number, radius: number, leaf: boolean): void {
    const { data, links } = this.#edges;
    const at = STRIDE * node;
    const { vx, vy, vz } = this.#place;
    const dx = vx - data[at + CENTRE]!;
    const dy = vy - data[at + CENTRE + 1]!;
    const dz = vz - data[at + CENTRE + 2]!;
    const wide = data[at + RADIUS]!;
    const within = radius + wide;
    if (dx * dx + dy * dy + dz * dz > within * within) return;
    const across = data[at + NORMAL]! * dx + data[at + NORMAL + 1]! * dy + data[at + NORMAL + 2]! * dz;
    const stray = data[at + STRAY]!;
    if (Math.abs(across) > radius + stray) return;
    const children = links[3 * node + 1]!;
    if (children > 0 && (leaf || wide > OPEN_GROUP * radius)) {
      const first = links[3 * node]!;
      for (let k = first; k < first + children; k += 1) this.#take(this.#edges.runs[k]!, radius, leaf);
      return;
    }
    if (stray > HALVE_PIECE * radius && !leaf) {
      const first = this.#edges.halve(node);
      this.#take(first, radius, leaf);
      this.#take(first + 1, radius, leaf);
      return;
    }
    if (this.#nearEnd === this.#near.length) {
      const near = new Int32Array(2 * this.#near.length);
      near.set(this.#near);
      this.#near = near;
    }
    this.#near[this.#nearEnd] = node;
    this.#nearEnd += 1;
    this.#areasNear += links[3 * node + 2]!;
  }

  /** Is the centre of the cell at hand in an area? */
  #holdsCentre(): boolean {
    const { vx, vy, vz } = this.#place;
    const caps = this.#caps;
    let away = caps !== undefined;
    for (let n = 0; away && n < caps!.length; n += 4) {
      away = (vx - caps![n]!) ** 2 + (vy - caps![n + 1]!) ** 2 + (vz - caps![n + 2]!) ** 2 > caps![n + 3]!;
    }
    if (away) return false;
    const lonDeg = (Math.atan2(vy, vx) * 180) / Math.PI;
    const latDeg = (Math.atan2(vz, Math.sqrt(vx * vx + vy * vy)) * 180) / Math.PI;
    return this.#inside!(lonDeg, latDeg);
  }

  /** Does a cell of the level asked for stand for the geometry? Its near nodes run from `from` to `to`. */
  #stands(
    level: number,
    pentagon: boolean,
    from: number,
    to: number,
    hasPoint: boolean,
    apart: boolean,
  ): boolean {
    if (hasPoint) return true;
    const mode = this.#mode;
    if (from < to && (mode !== 'centre' || this.#areasNear < to - from)) {
      this.#shape.take(this.#grid, this.#place, level, pentagon);
      for (let n = from; n < to; n += 1) {
        const node = this.#near[n]!;
        if (mode === 'centre' && this.#edges.isArea(node)) continue;
        if (this.#meets(node)) return mode !== 'within';
      }
    }
    return !apart && this.#holdsCentre();
  }

  /** Does a piece meet the cell at hand? Halved where its stray leaves that open. */
  #meets(node: number): boolean {
    const at = STRIDE * node;
    const stray = this.#edges.data[at + STRAY]!;
    if (!this.#shape.meets(this.#edges.data, at + FROM, at + TO, this.#grow + stray)) return false;
    if (stray <= this.#fine) return true;
    if (this.#shape.meets(this.#edges.data, at + FROM, at + TO, -stray - ROUNDING)) return true;
    const top = this.#edges.top;
    const first = this.#edges.halve(node);
    const answer = this.#meets(first) || this.#meets(first + 1);
    this.#edges.top = top;
    return answer;
  }
}
