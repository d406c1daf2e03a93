/**
 * Is a position inside the areas of a geometry? Read once, asked often: edges and areas are kept by strips of latitude.
 *
 * Even-odd and half-open, on the plane of longitude and latitude: of two areas that share an edge, written with the same two
 * positions, every position belongs to exactly one. Several areas hold what any of them holds.
 */
import type { GeometryPart } from '../geometry/geometry-parts.ts';

type Area = Extract<GeometryPart, { kind: 'area' }>;

/** Fewer edges or areas than this are looked at one by one. */
const STRIPS_FROM = 24;
/** Entries the strips may hold, for each thing kept in them. */
const ENTRIES_EACH = 4;

/** Which things reach into each strip of latitude. */
interface Strips {
  readonly south: number;
  readonly perDegree: number;
  readonly starts: Int32Array;
  readonly entries: Int32Array;
}

interface EdgeStore {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
  /** The lower end, then the upper end, of each edge that is not level: `[x, y, x, y, ...]`. */
  readonly ends: Float64Array;
  readonly strips: Strips | undefined;
}

/** Answers for longitudes of any turn. */
export type Inside = (lonDeg: number, latDeg: number) => boolean;

export function prepareInside(areas: readonly Area[]): Inside {
  const stores = areas.map(storeOf);
  if (stores.length < STRIPS_FROM) {
    return (lonDeg, latDeg) => stores.some((store) => holds(store, lonDeg, latDeg));
  }
  const strips = stripsOf(
    stores.length,
    (n) => stores[n]!.south,
    (n) => stores[n]!.north,
  );
  return (lonDeg, latDeg) => {
    const strip = stripAt(strips, latDeg);
    for (let k = strips.starts[strip]!; k < strips.starts[strip + 1]!; k += 1) {
      if (holds(stores[strips.entries[k]!]!, lonDeg, latDeg)) return true;
    }
    return false;
  };
}

function holds(store: EdgeStore, lonDeg: number, latDeg: number): boolean {
  if (!(latDeg >= store.south && latDeg <= store.north)) return false;
  const first = lonDeg + 360 * Math.ceil((store.west - lonDeg) / 360);
  for (let lon = first; lon <= store.east; lon += 360) if (isOdd(store, lon, latDeg)) return true;
  return false;
}

/** Odd number of edges east of the position? */
function isOdd({ ends, strips }: EdgeStore, x: number, y: number): boolean {
  let odd = false;
  if (strips === undefined) {
    for (let at = 0; at < ends.length; at += 4) if (isEast(ends, at, x, y)) odd = !odd;
    return odd;
  }
  const strip = stripAt(strips, y);
  const to = strips.starts[strip + 1]!;
  for (let k = strips.starts[strip]!; k < to; k += 1) {
    if (isEast(ends, 4 * strips.entries[k]!, x, y)) odd = !odd;
  }
  return odd;
}

function isEast(ends: Float64Array, at: number, x: number, y: number): boolean {
  const lowY = ends[at + 1]!;
  const highY = ends[at + 3]!;
  if (!(lowY <= y && y < highY)) return false;
  // From the lower end always, so that the neighbour across the edge finds the same.
  const lowX = ends[at]!;
  return lowX + ((y - lowY) * (ends[at + 2]! - lowX)) / (highY - lowY) > x;
}

function storeOf(area: Area): EdgeStore {
  let count = 0;
  for (const ring of area.rings) count += ring.length / 2 - 1;
  const ends = new Float64Array(4 * Math.max(0, count));
  let at = 0;
  let [west, south, east, north] = [Infinity, 90, -Infinity, -90];
  for (const ring of area.rings) {
    for (let n = 2; n < ring.length; n += 2) {
      const [ax, ay, bx, by] = [ring[n - 2]!, ring[n - 1]!, ring[n]!, ring[n + 1]!];
      west = Math.min(west, ax, bx);
      east = Math.max(east, ax, bx);
      if (ay === by) continue;
      const up = ay < by;
      ends[at] = up ? ax : bx;
      ends[at + 1] = up ? ay : by;
      ends[at + 2] = up ? bx : ax;
      ends[at + 3] = up ? by : ay;
      south = Math.min(south, ends[at + 1]!);
      north = Math.max(north, ends[at + 3]!);
      at += 4;
    }
  }
  const kept = ends.subarray(0, at);
  const edges = at / 4;
  const strips =
    edges < STRIPS_FROM
      ? undefined
      : stripsOf(
          edges,
          (n) => kept[4 * n + 1]!,
          (n) => kept[4 * n + 3]!,
        );
  return { west, east, south, north, ends: kept, strips };
}

function stripAt(strips: Strips, y: number): number {
  const last = strips.starts.length - 2;
  return Math.max(0, Math.min(last, Math.floor((y - strips.south) * strips.perDegree)));
}

function stripsOf(count: number, low: (n: number) => number, high: (n: number) => number): Strips {
  let [south, north, sum] = [90, -90, 0];
  for (let n = 0; n < count; n += 1) {
    south = Math.min(south, low(n));
    north = Math.max(north, high(n));
    sum += high(n) - low(n);
  }
  const height = Math.max(north - south, 1e-12);
  // As many strips as things, fewer where things are tall: the entries stay linear in the things.
  const strips = Math.max(
    1,
    Math.floor(Math.min(count, ((ENTRIES_EACH - 2) * count * height) / Math.max(sum, 1e-12))),
  );
  const shell: Strips = {
    south,
    perDegree: strips / height,
    starts: new Int32Array(strips + 1),
    entries: new Int32Array(0),
  };
  const sizes = new Int32Array(strips + 1);
  const first = new Int32Array(count);
  const last = new Int32Array(count);
  for (let n = 0; n < count; n += 1) {
    first[n] = stripAt(shell, low(n));
    last[n] = stripAt(shell, high(n));
    for (let s = first[n]!; s <= last[n]!; s += 1) sizes[s]! += 1;
  }
  let total = 0;
  for (let s = 0; s <= strips; s += 1) {
    shell.starts[s] = total;
    total += sizes[s]!;
  }
  const entries = new Int32Array(total);
  const next = shell.starts.slice();
  for (let n = 0; n < count; n += 1) {
    for (let s = first[n]!; s <= last[n]!; s += 1) {
      entries[next[s]!] = n;
      next[s]! += 1;
    }
  }
  return { ...shell, entries };
}
