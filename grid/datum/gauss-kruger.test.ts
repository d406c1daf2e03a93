import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCoordinateReference } from './coordinate-reference.ts';
import {
  CGCS2000_A_M,
  CGCS2000_F,
  type GaussKruger,
  gaussKrugerZone,
  projectGaussKruger,
  unprojectGaussKruger,
} from './gauss-kruger.ts';
import { kruegerSeries, projectInto, unprojectInto } from './krueger.ts';
import { judgeProjection, powerSeriesProjection } from './transverse-mercator-judge.ts';

fc.configureGlobal({ seed: 39_409 });

const DEG = Math.PI / 180;
const within = fc.tuple(
  fc.double({ min: -3.5, max: 3.5, noNaN: true }),
  fc.double({ min: 0, max: 56, noNaN: true }),
);

/** A pair from one of the functions that fill it. */
function pairOf(fill: (out: Float64Array) => unknown): readonly [number, number] {
  const out = new Float64Array(2);
  fill(out);
  return [out[0]!, out[1]!];
}

/**
 * `[EPSG code, lonDeg, latDeg, eastingM, northingM]` by PROJ 9.5.1 (pyproj 3.7.2, `Transformer.from_crs(4490, code, always_xy=True)`),
 * whose tmerc is the Poder and Engsager algorithm.
 */
const PROJ = [
  [4544, 104.6263, 35.5806, 466128.2518450528, 3939072.3649576725],
  [4523, 104.6263, 35.5806, 35466128.251845054, 3939072.3649576725],
  [4507, 104.6263, 35.5806, 466128.2518450528, 3939072.3649576725],
  [4496, 104.6263, 35.5806, 18466128.251845054, 3939072.3649576725],
  [4513, 73.6, 39.4, 25379406.480128285, 4363846.974209291],
  [4554, 134.7, 48.35, 477764.2541308637, 5357388.897288545],
  [4547, 114.3, 30.6, 528770.2372556805, 3386666.2505623596],
  [4526, 113.0, 0.5, 38388679.03044937, 55295.630126478674],
  [4549, 121.47, 31.23, 640060.3376942538, 3457406.435497393],
  [4501, 132.0, 53.5, 23300949.395860445, 5934456.505463081],
  [4530, 127.4, 45.75, 42608935.73081563, 5069252.128401533],
  [4502, 78.4, 17.25, 861744.5507928241, 1911160.3239604686],
] as const;

describe('kruegerSeries', () => {
  it('projectInto meets the definition of the projection to 20 nm within 3.5 degrees', () => {
    const series = kruegerSeries(CGCS2000_A_M, CGCS2000_F);
    fc.assert(
      fc.property(within, ([lonDeg, latDeg]) => {
        const [east, north] = pairOf((out) => projectInto(series, lonDeg * DEG, latDeg * DEG, out));
        const [judgedEast, judgedNorth] = judgeProjection(
          CGCS2000_A_M,
          CGCS2000_F,
          lonDeg * DEG,
          latDeg * DEG,
        );
        expect(Math.abs(east - judgedEast)).toBeLessThan(2e-8);
        expect(Math.abs(north - judgedNorth)).toBeLessThan(2e-8);
      }),
      { numRuns: 2000 },
    );
  });

  it('projectInto meets the textbook expansion to 2 mm within 1.5 degrees, to 2 cm within 3.5', () => {
    const series = kruegerSeries(CGCS2000_A_M, CGCS2000_F);
    fc.assert(
      fc.property(within, ([lonDeg, latDeg]) => {
        const [east, north] = pairOf((out) => projectInto(series, lonDeg * DEG, latDeg * DEG, out));
        const [judgedEast, judgedNorth] = powerSeriesProjection(
          CGCS2000_A_M,
          CGCS2000_F,
          lonDeg * DEG,
          latDeg * DEG,
        );
        const toleranceM = Math.abs(lonDeg) < 1.5 ? 0.002 : 0.02;
        expect(Math.abs(east - judgedEast)).toBeLessThan(toleranceM);
        expect(Math.abs(north - judgedNorth)).toBeLessThan(toleranceM);
      }),
      { numRuns: 500 },
    );
  });

  it('projectInto gives the worked example of EPSG Guidance Note 7-2 (British National Grid), to its last digits', () => {
    const series = kruegerSeries(6_377_563.396, 1 / 299.3249646);
    const [, originM] = pairOf((out) => projectInto(series, 0, 49 * DEG, out));
    const [east, north] = pairOf((out) => projectInto(series, 2.5 * DEG, 50.5 * DEG, out));
    // The note prints eta and xi to ten digits, and from them 577274.99 and 69740.50, which are a centimetre off what it prints.
    expect(east / series.radiusM).toBeCloseTo(0.0278542603, 9);
    expect(north / series.radiusM).toBeCloseTo(0.8793956171, 9);
    const scale = 0.9996012717;
    expect(Math.abs(400_000 + scale * east - 577_274.99)).toBeLessThan(0.01);
    expect(Math.abs(-100_000 + scale * (north - originM) - 69_740.5)).toBeLessThan(0.01);
  });

  it('unprojectInto is the inverse in all four quadrants, up to the pole', () => {
    const series = kruegerSeries(CGCS2000_A_M, CGCS2000_F);
    for (const [lonDeg, latDeg] of [
      [-3, -35],
      [3, -35],
      [-3, 35],
      [0, 0],
      [0, 90],
      [0, -90],
      [20, 80],
    ] as const) {
      const [east, north] = pairOf((out) => projectInto(series, lonDeg * DEG, latDeg * DEG, out));
      const [lon, lat] = pairOf((out) => unprojectInto(series, east, north, out));
      expect(lon / DEG).toBeCloseTo(lonDeg, 9);
      expect(lat / DEG).toBeCloseTo(latDeg, 9);
    }
  });
});

describe('projectGaussKruger', () => {
  it('gives the coordinates of PROJ to 10 nm, and unprojectGaussKruger its degrees to 1e-13', () => {
    for (const [epsg, lonDeg, latDeg, eastingM, northingM] of PROJ) {
      const system = parseCoordinateReference(`EPSG:${epsg}`) as GaussKruger;
      const [easting, northing] = pairOf((out) => projectGaussKruger(system, lonDeg, latDeg, out));
      expect(Math.abs(easting - eastingM), `EPSG:${epsg}`).toBeLessThan(1e-8);
      expect(Math.abs(northing - northingM), `EPSG:${epsg}`).toBeLessThan(1e-8);
      const [lon, lat] = pairOf((out) => unprojectGaussKruger(system, eastingM, northingM, out));
      expect(Math.abs(lon - lonDeg), `EPSG:${epsg}`).toBeLessThan(1e-13);
      expect(Math.abs(lat - latDeg), `EPSG:${epsg}`).toBeLessThan(1e-13);
    }
  });

  it('counts a city system from its own meridian, false origin and scale', () => {
    // PROJ 9.5.1: +proj=tmerc +lon_0=104.5 +k=1.0002 +x_0=50000 +y_0=-3900000 +ellps=GRS80
    const city = parseCoordinateReference({
      centralMeridianDeg: 104.5,
      falseEastingM: 50_000,
      falseNorthingM: -3_900_000,
      scale: 1.0002,
    }) as GaussKruger;
    const [easting, northing] = pairOf((out) => projectGaussKruger(city, 104.6263, 35.5806, out));
    expect(Math.abs(easting - 61449.956211012715)).toBeLessThan(1e-8);
    expect(Math.abs(northing - 39803.23754604021)).toBeLessThan(1e-8);
    const [lon, lat] = pairOf((out) => unprojectGaussKruger(city, easting, northing, out));
    expect([lon, lat]).toEqual([expect.closeTo(104.6263, 12), expect.closeTo(35.5806, 12)]);
  });

  it('takes 3 degrees about the meridian of a 3-degree zone, 3.5 of a 6-degree one, and 0 to 56 N', () => {
    const taken = (system: GaussKruger, lonDeg: number, latDeg: number): boolean =>
      projectGaussKruger(system, lonDeg, latDeg, new Float64Array(2));
    const three = gaussKrugerZone(3, 35, true);
    const six = gaussKrugerZone(6, 18, true);
    expect([taken(three, 108, 35), taken(three, 108.01, 35)]).toEqual([true, false]);
    expect([taken(six, 101.5, 35), taken(six, 101.49, 35)]).toEqual([true, false]);
    expect([taken(six, 105, 0), taken(six, 105, -0.01), taken(six, 105, 56), taken(six, 105, 56.01)]).toEqual(
      [true, false, true, false],
    );
    expect(taken(six, Number.NaN, 35)).toBe(false);
    expect(taken(six, 105, Number.NaN)).toBe(false);
  });
});
