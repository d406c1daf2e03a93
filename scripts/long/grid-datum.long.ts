/** Ten million random positions there and back through every kind of coordinate reference: the figures of docs/coordinates.md. */
import {
  type CoordinateReference,
  fromCgcs2000Batch,
  parseCoordinateReference,
  toCgcs2000Batch,
} from '../../grid/index.ts';
import { seededRandom } from '../testing/seeded-random.ts';

/** Greatest miss allowed, degrees. */
const BOUNDS = { wgs84: 0, gcj02: 1e-12, bd09: 1e-12 } as const;
const ROUNDS = 10;
const N = 1_000_000;

/** Half the width in which positions are drawn, and its middle, degrees east; off the rim of the offsets' box. */
function lonsOf(reference: CoordinateReference): readonly [middle: number, half: number] {
  if (typeof reference === 'string') return [104.92, 32.86];
  return [reference.centralMeridianDeg, reference.zoneWidthDeg === 3 ? 3 : 3.5];
}

const random = seededRandom(39_409);
let bad = 0;
const [lon, lat, a, b, backLon, backLat] = Array.from({ length: 6 }, () => new Float64Array(N)) as [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
];
for (const id of ['wgs84', 'gcj02', 'bd09', 'gk3-25', 'gk3-35', 'gk3-45', 'gk6-18', 'gk6-cm135']) {
  const reference = parseCoordinateReference(id);
  const [middle, half] = lonsOf(reference);
  let missDeg = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < N; i++) {
      lon[i] = middle + (2 * random() - 1) * half;
      lat[i] = 0.88 + random() * 54.89;
    }
    refused += fromCgcs2000Batch(reference, lon, lat, a, b);
    refused += toCgcs2000Batch(reference, a, b, backLon, backLat);
    for (let i = 0; i < N; i++) {
      missDeg = Math.max(missDeg, Math.abs(backLon[i]! - lon[i]!), Math.abs(backLat[i]! - lat[i]!));
    }
  }
  const bound = typeof reference === 'string' ? BOUNDS[reference as keyof typeof BOUNDS] : 1e-13;
  console.log(JSON.stringify({ reference: id, positions: ROUNDS * N, missDeg, bound, refused }));
  if (refused > 0 || !(missDeg <= bound)) bad++;
}
process.exit(bad > 0 ? 1 : 0);
