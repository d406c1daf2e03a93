/**
 * Seeded positions for comparing H3 encoders: all over the sphere, and as near as doubles get to whatever could go wrong.
 * Shares: see `FAMILIES`. Offsets are log-uniform from 1e-16 to 10 degrees, so every distance to an edge occurs.
 * Not part of the product.
 */
import { cellToBoundary, cellToLatLng, getPentagons, latLngToCell } from 'h3-js';
import { seeded } from './test-h3-shapes.ts';

type Position = readonly [lonDeg: number, latDeg: number];
type Vector = readonly [number, number, number];

const RADIANS = Math.PI / 180;

const pentagons: readonly Vector[] = getPentagons(0).map((text) => {
  const [lat, lon] = cellToLatLng(text);
  return vectorOf([lon, lat]);
});
// Neighbouring corners of the icosahedron are 63.4 degrees apart, the others 116.6 or 180.
const edges: readonly (readonly [Vector, Vector])[] = pentagons.flatMap((a, n) =>
  pentagons
    .slice(n + 1)
    .filter((b) => dot(a, b) > 0.4)
    .map((b) => [a, b] as const),
);
const faces: readonly Vector[] = edges.flatMap(([a, b]) =>
  pentagons.filter((c) => c !== a && c !== b && dot(a, c) > 0.4 && dot(b, c) > 0.4).map((c) => sum(a, b, c)),
);

/** What a family gives for one draw, and how many of a hundred draws are its. */
const FAMILIES: readonly (readonly [
  name: string,
  percent: number,
  draw: (random: () => number, level: number) => Position,
])[] = [
  ['sphere', 40, (random) => onSphere(random)],
  ['pentagons', 12, (random) => near(positionOf(pick(pentagons, random)), random)],
  [
    'icosahedron edges',
    14,
    (random) => {
      const [a, b] = pick(edges, random);
      const t = random();
      return near(positionOf([0, 1, 2].map((k) => a[k]! * (1 - t) + b[k]! * t) as unknown as Vector), random);
    },
  ],
  ['face centres', 4, (random) => near(positionOf(pick(faces, random)), random)],
  ['poles', 4, (random) => [random() * 360 - 180, (random() < 0.5 ? -1 : 1) * (90 - offset(random))]],
  ['antimeridian', 4, (random) => [(random() < 0.5 ? -1 : 1) * (180 - offset(random)), random() * 180 - 90]],
  ['whole and half degrees', 4, (random) => [half(random, 180), half(random, 90)]],
  ['corners and middles of edges', 12, (random, level) => onCell(random, level)],
  ['Dingxi', 6, (random) => [103.4 + 2.3 * random(), 34.1 + 2 * random()]],
];

export const FAMILY_NAMES: readonly string[] = FAMILIES.map(([name]) => name);

/** Positions of every family in its share, in a fixed order of families; the same for the same seed and level. */
export function h3TestPoints(
  count: number,
  seed: number,
  level: number,
): { readonly lonDeg: Float64Array; readonly latDeg: Float64Array } {
  const random = seeded(seed);
  const lonDeg = new Float64Array(count);
  const latDeg = new Float64Array(count);
  const draws = FAMILIES.flatMap(([, percent, draw]) => Array.from({ length: percent }, () => draw));
  for (let n = 0; n < count; n += 1) {
    const [lon, lat] = draws[n % draws.length]!(random, level);
    lonDeg[n] = lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
    latDeg[n] = Math.max(-90, Math.min(90, lat));
  }
  return { lonDeg, latDeg };
}

function onSphere(random: () => number): Position {
  return [random() * 360 - 180, Math.asin(2 * random() - 1) / RADIANS];
}

function half(random: () => number, limit: number): number {
  const whole = (Math.floor(random() * (4 * limit + 1)) - 2 * limit) / 2;
  return whole + (random() < 0.5 ? 0 : (random() < 0.5 ? -1 : 1) * offset(random) * 1e-3);
}

/** A corner, or the middle of two corners, of a cell of the level or of a coarser one: these bound whole subtrees of cells. */
function onCell(random: () => number, level: number): Position {
  const [lon, lat] = onSphere(random);
  const at = random() < 0.5 ? level : Math.floor(random() * (level + 1));
  const ring = cellToBoundary(latLngToCell(lat, lon, at));
  const k = Math.floor(random() * ring.length);
  const [aLat, aLon] = ring[k]!;
  if (random() < 0.5) return near([aLon, aLat], random, -7);
  const [bLat, bLon] = ring[(k + 1) % ring.length]!;
  return near(positionOf(sum(vectorOf([aLon, aLat]), vectorOf([bLon, bLat]))), random, -7);
}

/** Log-uniform, degrees: from 1e-16 to ten to the power `most`. */
function offset(random: () => number, most = 1): number {
  return 10 ** (random() * (most + 16) - 16);
}

function near([lon, lat]: Position, random: () => number, most = 1): Position {
  const distance = offset(random, most);
  const angle = random() * 2 * Math.PI;
  const across = Math.max(1e-3, Math.cos(lat * RADIANS));
  return [lon + (distance * Math.cos(angle)) / across, lat + distance * Math.sin(angle)];
}

function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)]!;
}

function vectorOf([lon, lat]: Position): Vector {
  const across = Math.cos(lat * RADIANS);
  return [across * Math.cos(lon * RADIANS), across * Math.sin(lon * RADIANS), Math.sin(lat * RADIANS)];
}

function positionOf([x, y, z]: Vector): Position {
  return [Math.atan2(y, x) / RADIANS, Math.atan2(z, Math.hypot(x, y)) / RADIANS];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function sum(...vectors: readonly Vector[]): Vector {
  return [0, 1, 2].map((k) => vectors.reduce((all, each) => all + each[k]!, 0)) as unknown as Vector;
}
