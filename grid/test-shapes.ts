/** Geometries the tests draw from, and the slow judge of a cover. Not part of the product. */
import { booleanIntersects } from '@turf/boolean-intersects';
import fc from 'fast-check';
import type { ZoneGrid } from './codec.ts';
import type { GridGeometry } from './geometry/geometry.ts';

type Ring = readonly (readonly [number, number])[];

/** A star-shaped ring round a centre: radii between 0.3 and 1 of `radiusDeg`, never self-crossing. */
function star(lon: number, lat: number, radiusDeg: number, radii: readonly number[]): Ring {
  const ring = radii.map((radius, n) => {
    const angle = (2 * Math.PI * n) / radii.length;
    return [lon + radius * radiusDeg * Math.cos(angle), lat + radius * radiusDeg * Math.sin(angle)] as const;
  });
  return [...ring, ring[0]!];
}

/** Centres anywhere ordinary, and on the axes and the antimeridian, where codes are mirrored. */
export const centres: fc.Arbitrary<readonly [number, number]> = fc.oneof(
  fc.tuple(fc.double({ min: -179, max: 179, noNaN: true }), fc.double({ min: -80, max: 80, noNaN: true })),
  fc.tuple(fc.constantFrom(0, 180, -180, 104.6263, -54), fc.constantFrom(0, 35.5806, -33.9, 64)),
);

/** Points, lines and polygons (half of them with a hole) of about `radiusDeg`. */
export function shapes(radiusDeg: number): fc.Arbitrary<GridGeometry> {
  const radii = fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 });
  return fc
    .tuple(centres, radii, fc.constantFrom('Point', 'LineString', 'Polygon', 'hole', 'MultiPolygon'))
    .map(([[lon, lat], sizes, kind]): GridGeometry => {
      const shell = star(lon, lat, radiusDeg, sizes);
      const hole = star(lon, lat, radiusDeg * 0.25, [1, 1, 1, 1]);
      if (kind === 'Point') return { type: 'Point', coordinates: [lon, lat] };
      if (kind === 'LineString') return { type: 'LineString', coordinates: shell.slice(0, -1) };
      if (kind === 'Polygon') return { type: 'Polygon', coordinates: [shell] };
      if (kind === 'hole') return { type: 'Polygon', coordinates: [shell, hole] };
      const other = star(lon, lat > 0 ? lat - 3 * radiusDeg : lat + 3 * radiusDeg, radiusDeg, sizes);
      return { type: 'MultiPolygon', coordinates: [[shell, hole], [other]] };
    });
}

/** A longitude brought into -180..180. */
export function wrapped(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}

/** Positions of a geometry: along its edges, and a lattice of its inside. Longitudes as written, perhaps beyond 180. */
export function positionsIn(
  geometry: GridGeometry,
  perEdge: number,
  lattice: number,
): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  const along = (line: readonly (readonly number[])[]): void => {
    for (let n = 0; n < line.length; n += 1) {
      const [ax, ay] = line[Math.max(0, n - 1)]!;
      const [bx, by] = line[n]!;
      for (let k = 0; k <= perEdge; k += 1) {
        const t = k / perEdge;
        // The end itself, not its rounding: a last bit across 0 would be another hemisphere.
        found.push(k === perEdge ? [bx!, by!] : [ax! + t * (bx! - ax!), ay! + t * (by! - ay!)]);
      }
    }
  };
  if (geometry.type === 'Point') return [[geometry.coordinates[0]!, geometry.coordinates[1]!]];
  if (geometry.type === 'LineString') {
    along(geometry.coordinates);
    return found;
  }
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon')
    throw new Error('Not drawn by shapes()');
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  for (const rings of polygons) {
    for (const ring of rings) along(ring);
    const xs = rings[0]!.map(([x]) => x!);
    const ys = rings[0]!.map(([, y]) => y!);
    const [west, south] = [Math.min(...xs), Math.min(...ys)];
    const [width, height] = [Math.max(...xs) - west, Math.max(...ys) - south];
    for (let i = 0; i <= lattice; i += 1) {
      for (let j = 0; j <= lattice; j += 1) {
        const point = [west + (width * i) / lattice, south + (height * j) / lattice] as [number, number];
        if (plainlyInside(rings, point)) found.push(point);
      }
    }
  }
  return found;
}

/** Winding number over angles: slow, and another method than the product's. */
function plainlyInside(
  rings: readonly (readonly (readonly number[])[])[],
  [x, y]: readonly [number, number],
): boolean {
  return rings.every((ring, k) => {
    let turn = 0;
    for (let n = 1; n < ring.length; n += 1) {
      const a = Math.atan2(ring[n - 1]![1]! - y, ring[n - 1]![0]! - x);
      const b = Math.atan2(ring[n]![1]! - y, ring[n]![0]! - x);
      let step = b - a;
      if (step > Math.PI) step -= 2 * Math.PI;
      if (step < -Math.PI) step += 2 * Math.PI;
      turn += step;
    }
    return k === 0 ? Math.abs(turn) > 3 : Math.abs(turn) < 3;
  });
}

/** Does a zone, grown by a thousandth about its centre, meet the geometry? By turf, in any of three copies. */
export function meetsByTurf(grid: ZoneGrid, zone: bigint, level: number, geometry: GridGeometry): boolean {
  const boundary = grid.boundary(zone, level);
  const [centreLon, centreLat] = grid.centre(zone, level);
  return [-360, 0, 360].some((turn) => {
    const ring = boundary.map(([lon, lat]) => [
      centreLon + (lon - centreLon) * 1.001 + turn,
      centreLat + (lat - centreLat) * 1.001,
    ]);
    return booleanIntersects({ type: 'Polygon', coordinates: [ring] } as never, geometry as never);
  });
}
