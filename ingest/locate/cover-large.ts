import type { ZoneGrid } from '../../grid/index.ts';
import type { Geometry } from '../model/index.ts';
import type { Steps } from '../turns.ts';

/** Vertices covered in one piece: one or two ms of H3's exact walk. */
const PIECE_VERTICES = 48;
/** Zones looked at in one piece while the inside is filled, divided by the vertices each is compared with. */
const PIECE_COMPARISONS = 50_000;

type Ring = readonly (readonly number[])[];

/**
 * Whether `coverLarge` may take the geometry: it neither touches the antimeridian's far side nor a polar cap, where only
 * the grid itself knows what is inside.
 */
export function isOrdinary(geometry: Geometry): boolean {
  return pathsOf(geometry).every((path) => {
    let [west, east] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [lon, lat] of path) {
      if (!(Math.abs(lon!) < 179 && Math.abs(lat!) < 80)) return false;
      west = Math.min(west, lon!);
      east = Math.max(east, lon!);
    }
    return east - west < 170;
  });
}

/**
 * `grid.cover` in pieces: the boundary some vertices at a time, then the inside from the boundary inwards, as the grid's own
 * walk does. Gives the same zones.
 *
 * @returns Undefined as soon as there are more than `maxZones`.
 * @throws {GridError} As `grid.cover` of a line.
 */
export function* coverLarge(
  geometry: Geometry,
  grid: ZoneGrid,
  level: number,
  maxZones: number,
): Steps<bigint[] | undefined> {
  const found = new Set<bigint>();
  for (const rings of partsOf(geometry)) {
    // Each part by itself: filling stops only at this part's own boundary.
    const own = new Set<bigint>();
    for (const path of rings) {
      for (let at = 0; at + 1 < path.length; at += PIECE_VERTICES) {
        const coordinates = path.slice(at, at + PIECE_VERTICES + 1) as [number, number][];
        for (const zone of grid.cover({ type: 'LineString', coordinates }, level, maxZones)) own.add(zone);
        if (own.size > maxZones) return undefined;
        yield;
      }
    }
    if (geometry.type !== 'LineString' && !(yield* fill(own, rings, grid, level, maxZones))) return undefined;
    for (const zone of own) found.add(zone);
    if (found.size > maxZones) return undefined;
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A zone without an edge of the boundary through it is all inside or all outside. False when there are too many. */
function* fill(
  found: Set<bigint>,
  rings: readonly Ring[],
  grid: ZoneGrid,
  level: number,
  maxZones: number,
): Steps<boolean> {
  const vertices = rings.reduce((sum, ring) => sum + ring.length, 0);
  const looksAtOnce = Math.max(1, Math.floor(PIECE_COMPARISONS / vertices));
  const queue: bigint[] = [];
  const outside = new Set<bigint>();
  let looks = 0;
  for (const marked of [...found]) {
    for (const zone of grid.neighbours(marked, level)) {
      if (found.has(zone) || outside.has(zone)) continue;
      const [lon, lat] = grid.centre(zone, level);
      if (isInside(rings, lon, lat)) {
        found.add(zone);
        if (found.size > maxZones) return false;
        queue.push(zone);
      } else outside.add(zone);
      if (++looks % looksAtOnce === 0) yield;
    }
  }
  for (let zone = queue.pop(); zone !== undefined; zone = queue.pop()) {
    for (const next of grid.neighbours(zone, level)) {
      if (found.has(next)) continue;
      found.add(next);
      if (found.size > maxZones) return false;
      queue.push(next);
    }
  }
  return true;
}

/** By the even-odd rule over all rings. */
function isInside(rings: readonly Ring[], lon: number, lat: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0; i + 1 < ring.length; i++) {
      const [ax, ay] = ring[i]! as [number, number];
      const [bx, by] = ring[i + 1]! as [number, number];
      if (ay <= lat !== by <= lat && ax + ((lat - ay) * (bx - ax)) / (by - ay) > lon) inside = !inside;
    }
  }
  return inside;
}

function partsOf(geometry: Geometry): readonly (readonly Ring[])[] {
  switch (geometry.type) {
    case 'Point':
      return [];
    case 'LineString':
      return [[geometry.coordinates]];
    case 'Polygon':
      return [geometry.coordinates.map(closed)];
    default:
      return geometry.coordinates.map((rings) => rings.map(closed));
  }
}

function pathsOf(geometry: Geometry): readonly Ring[] {
  return partsOf(geometry).flat();
}

/** RFC 7946 asks for closed rings; where one is not, the missing edge is plain. */
function closed(ring: Ring): Ring {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || (first[0] === last?.[0] && first[1] === last?.[1])) return ring;
  return [...ring, first];
}
