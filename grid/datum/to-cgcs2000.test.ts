import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../scripts/testing/seeded-random.ts';
import { type CoordinateReference, parseCoordinateReference } from './coordinate-reference.ts';
import { convertDatum, DATUMS } from './datum.ts';
import { reachDeg } from './gauss-kruger.ts';
import { fromCgcs2000Batch, positionRefusal, positionToCgcs2000, toCgcs2000Batch } from './to-cgcs2000.ts';

fc.configureGlobal({ seed: 39_409 });

/** Random positions a reference has room for, degrees. */
function positionsFor(reference: CoordinateReference, n: number): { lon: Float64Array; lat: Float64Array } {
  const random = seededRandom(39_409);
  const lon = new Float64Array(n);
  const lat = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // Off the rim of the offsets' box by 0.05 degrees: across it a round trip does not hold.
    lon[i] =
      typeof reference === 'string'
        ? 72.06 + random() * (137.78 - 72.06)
        : reference.centralMeridianDeg + (2 * random() - 1) * reachDeg(reference);
    lat[i] = 0.88 + random() * (55.77 - 0.88);
  }
  return { lon, lat };
}

/** Greatest miss of a round trip over 10^5 positions: degrees, and in the units of the reference. */
function roundTrip(reference: CoordinateReference): { missDeg: number; miss: number; refused: number } {
  const n = 100_000;
  const { lon, lat } = positionsFor(reference, n);
  const a = new Float64Array(n);
  const b = new Float64Array(n);
  const backLon = new Float64Array(n);
  const backLat = new Float64Array(n);
  const a2 = new Float64Array(n);
  const b2 = new Float64Array(n);
  const refused =
    fromCgcs2000Batch(reference, lon, lat, a, b) +
    toCgcs2000Batch(reference, a, b, backLon, backLat) +
    fromCgcs2000Batch(reference, backLon, backLat, a2, b2);
  let missDeg = 0;
  let miss = 0;
  for (let i = 0; i < n; i++) {
    missDeg = Math.max(missDeg, Math.abs(backLon[i]! - lon[i]!), Math.abs(backLat[i]! - lat[i]!));
    miss = Math.max(miss, Math.abs(a2[i]! - a[i]!), Math.abs(b2[i]! - b[i]!));
  }
  return { missDeg, miss, refused };
}

describe('toCgcs2000Batch', () => {
  it.each([
    ['cgcs2000', 0],
    ['wgs84', 0],
    ['gcj02', 1e-12],
    ['bd09', 1e-12],
  ] as const)('round trips %s over China within %d degree', (datum, bound) => {
    const { missDeg, refused } = roundTrip(datum);
    expect(refused).toBe(0);
    expect(missDeg).toBeLessThanOrEqual(bound);
  });

  it.each(['gk3-25', 'gk3-35', 'gk3-45', 'gk3-cm105', 'gk6-13', 'gk6-18', 'gk6-cm135', 'EPSG:4547'])(
    'round trips %s within 1e-13 degree and 20 nm',
    (id) => {
      const { missDeg, miss, refused } = roundTrip(parseCoordinateReference(id));
      expect(refused).toBe(0);
      expect(missDeg).toBeLessThan(1e-13);
      expect(miss).toBeLessThan(2e-8);
    },
  );

  it('gives what convertDatum gives, row by row, also into its own input', () => {
    for (const datum of DATUMS) {
      const { lon, lat } = positionsFor(datum, 500);
      const [a, b] = [lon.slice(), lat.slice()];
      toCgcs2000Batch(datum, a, b, a, b);
      for (let i = 0; i < lon.length; i++) {
        const { lonDeg, latDeg } = convertDatum({ datum, lonDeg: lon[i]!, latDeg: lat[i]! }, 'cgcs2000');
        expect([a[i], b[i]]).toEqual([lonDeg, latDeg]);
      }
    }
  });

  it('makes refused rows NaN twice, counts them, and leaves the others alone', () => {
    const a = Float64Array.of(104.6, 181, Number.NaN, 104.6, -180);
    const b = Float64Array.of(35.6, 35, 35, -91, 90);
    const [lon, lat] = [new Float64Array(5), new Float64Array(5)];
    expect(toCgcs2000Batch('wgs84', a, b, lon, lat)).toBe(3);
    expect([...lon]).toEqual([104.6, Number.NaN, Number.NaN, Number.NaN, -180]);
    expect([...lat]).toEqual([35.6, Number.NaN, Number.NaN, Number.NaN, 90]);
    const gk = parseCoordinateReference('gk3-35');
    const eastings = Float64Array.of(
      35_466_128.2518,
      466_128.2518,
      Number.POSITIVE_INFINITY,
      35_466_128.2518,
    );
    const northings = Float64Array.of(3_939_072.365, 3_939_072.365, 0, 1e300);
    expect(toCgcs2000Batch(gk, eastings, northings, eastings, northings)).toBe(3);
    expect(eastings[0]).toBeCloseTo(104.6263, 8);
    expect([...eastings.subarray(1), ...northings.subarray(1)].every(Number.isNaN)).toBe(true);
    expect(() => toCgcs2000Batch('wgs84', a, b.subarray(1), lon, lat)).toThrow(/lengths must be equal/);
  });
});

describe('positionRefusal', () => {
  const reasonOf = (id: string, a: number, b: number) =>
    positionRefusal(parseCoordinateReference(id), a, b)?.reason;

  it('says what is wrong, with a hint', () => {
    const [east, north] = [466_128, 3_939_072];
    for (const [id, a, b, reason] of [
      ['gk3-35', 35_000_000 + east, north, undefined],
      ['gk3-cm105', east, north, undefined],
      ['gk3-35', north, 35_000_000 + east, 'swapped'],
      ['gk3-cm105', north, east, 'swapped'],
      ['gk3-35', north, 36_000_000 + east, 'swapped'],
      ['gk3-35', north, east, 'swapped'],
      ['gk3-35', east, north, 'zone-missing'],
      ['gk3-35', 36_000_000 + east, north, 'zone-mismatch'],
      ['gk3-35', 18_000_000 + east, north, 'zone-mismatch'],
      ['gk3-cm105', 35_000_000 + east, north, 'zone-unexpected'],
      ['gk3-35', 35_950_000, north, 'out-of-extent'],
      ['gk3-cm105', east, 7_000_000, 'out-of-extent'],
      ['gk3-cm105', east, -1, 'out-of-extent'],
      ['gk3-cm105', 104.6, 35.6, 'out-of-extent'],
      ['gk3-cm105', Number.NaN, north, 'not-a-number'],
      ['wgs84', 35.6, 104.6, 'swapped'],
      ['wgs84', 135.6, 104.6, 'out-of-range'],
      ['gcj02', east, north, 'out-of-range'],
    ] as const) {
      expect(reasonOf(id, a, b), `${id} ${a} ${b}`).toBe(reason);
    }
    const message = (id: string, a: number, b: number) =>
      positionRefusal(parseCoordinateReference(id), a, b)?.message;
    expect(message('gk3-35', 36_000_000 + east, north)).toContain('declare gk3-36');
    expect(message('gk3-35', 18_000_000 + east, north)).toContain('declare gk6-18');
    expect(message('gk3-35', east, north)).toContain('declare gk3-cm105');
    expect(message('gk3-cm105', 35_000_000 + east, north)).toContain('declare gk3-35');
  });

  it('has a reason exactly where the batch has NaN', () => {
    const ids = ['wgs84', 'bd09', 'gk3-35', 'gk3-cm105', 'gk6-18', '{"centralMeridianDeg":104.5}'];
    const number = fc.oneof(
      fc.double({ noNaN: false }),
      fc.double({ min: -200, max: 200, noNaN: true }),
      fc.double({ min: 0, max: 7_000_000, noNaN: true }),
      fc.double({ min: 13_000_000, max: 46_000_000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ids), number, number, (id, a, b) => {
        const reference = parseCoordinateReference(id);
        const [lon, lat] = [new Float64Array(1), new Float64Array(1)];
        const refused = toCgcs2000Batch(reference, Float64Array.of(a), Float64Array.of(b), lon, lat);
        const refusal = positionRefusal(reference, a, b);
        expect(refusal !== undefined).toBe(refused === 1);
        expect(Number.isNaN(lon[0])).toBe(refused === 1);
        if (refusal === undefined) expect(positionToCgcs2000(reference, a, b)).toEqual([lon[0], lat[0]]);
        else expect(() => positionToCgcs2000(reference, a, b)).toThrow(refusal.message);
      }),
      { numRuns: 2000 },
    );
  });
});
