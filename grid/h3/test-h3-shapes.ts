/** Polygons and lines for the tests of the H3 covers: anywhere, and where H3 is hardest. Not part of the product. */
import { cellToLatLng, getPentagons } from 'h3-js';
import type { GridGeometry } from '../geometry/geometry.ts';

export type Ring = readonly (readonly [number, number])[];

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A ring of `count` vertices, radii between `least` and 1 of `radiusDeg`, kept within the latitudes there are. */
export function starRing(
  random: () => number,
  [lon, lat]: readonly [number, number],
  radiusDeg: number,
  count: number,
  least = 0.2,
): Ring {
  const stretch = Math.min(8, 170 / radiusDeg, 1 / Math.max(0.1, Math.cos((lat * Math.PI) / 180)));
  const ring = Array.from({ length: count }, (_, n) => {
    const radius = radiusDeg * (least + (1 - least) * random());
    const angle = (2 * Math.PI * n) / count;
    const y = Math.max(-90, Math.min(90, lat + radius * Math.sin(angle)));
    return [lon + stretch * radius * Math.cos(angle), y] as const;
  });
  return [...ring, ring[0]!];
}

const pentagons = [0, 1, 2, 3].flatMap((level) => getPentagons(level).map((cell) => cellToLatLng(cell)));

/** A level, and a geometry from a fraction of a cell to thirty cells wide: by pentagons, poles and the antimeridian as often as elsewhere. */
export function hardCase(
  random: () => number,
  coarsest = 0,
  finest = 12,
): { level: number; geometry: GridGeometry } {
  const level = coarsest + Math.floor(random() * (finest + 1 - coarsest));
  const cellDeg = 11.5 / Math.sqrt(7) ** level;
  const radius = Math.min(25, cellDeg * 10 ** (random() * 2.3 - 1));
  const [x, y] = hardCentre(random);
  const ring = starRing(random, [x, y], radius, 3 + Math.floor(random() * 10));
  const kind = random();
  if (kind < 0.25) return { level, geometry: { type: 'LineString', coordinates: ring.slice(0, -1) } };
  if (kind < 0.5) {
    const hole = ring.map(([lon, lat]) => [x + (lon - x) * 0.4, y + (lat - y) * 0.4]);
    return { level, geometry: { type: 'Polygon', coordinates: [ring, hole] } };
  }
  return { level, geometry: { type: 'Polygon', coordinates: [ring] } };
}

function hardCentre(random: () => number): readonly [number, number] {
  const kind = random();
  const [lon, lat] = [random() * 360 - 180, (Math.asin(random() * 2 - 1) * 180) / Math.PI];
  if (kind < 0.3) {
    const [pentagonLat, pentagonLon] = pentagons[Math.floor(random() * pentagons.length)]!;
    return [pentagonLon + (random() - 0.5) * 2, pentagonLat + (random() - 0.5) * 2];
  }
  if (kind < 0.4) return [lon, (random() < 0.5 ? -1 : 1) * (85 + random() * 5)];
  return kind < 0.5 ? [180 - random() * 3, lat] : [lon, lat];
}
