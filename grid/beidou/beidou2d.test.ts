import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import { NO_ZONE } from '../no-zone.ts';
import { refusalOf } from '../refusal.ts';
import { anchor, beidou2d, edgeNeighbours, encodeDms } from './beidou2d.ts';
import { unitsOfDms, wholeUnits } from './beidou2d-units.ts';

fc.configureGlobal({ seed: 39_409 });

interface Vector {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly level: number;
  readonly code2d: string;
  readonly anchor?: readonly [number, number];
}
const file = new URL('../../../shared/data/beidou/vectors.json', import.meta.url);
const hasVectors = existsSync(file);
const vectors: readonly Vector[] = hasVectors
  ? (({ vectors: agreed, extra }) => [...agreed, ...extra])(JSON.parse(readFileSync(file, 'utf8')))
  : [];

const code = (lon: number, lat: number, level: number): string =>
  beidou2d.format(beidou2d.encode(lon, lat, level), level);

describe.skipIf(!hasVectors)(
  'beidou2d against 3,277 shared vectors (skipped where ../shared/data/beidou is absent)',
  () => {
    it('encode, parse, anchor: every vector, alone and in a batch', () => {
      expect(vectors.length).toBe(3277);
      for (const { id, lng, lat, level, code2d, anchor: corner } of vectors) {
        const zone = beidou2d.encode(lng, lat, level);
        expect(beidou2d.format(zone, level), id).toBe(code2d);
        expect(beidou2d.parse(code2d), id).toEqual({ zone, level });
        if (corner !== undefined) expect(anchor(zone, level), id).toEqual(corner);
        const batch = beidou2d.encodeBatch(Float64Array.of(lng), Float64Array.of(lat), level);
        expect(batch[0], id).toBe(zone);
      }
    });
  },
);

describe('beidou2d', () => {
  it('encode: the worked example packs to the published integer, and its ranges are prefixes', () => {
    const zone = beidou2d.encode(104.6263, 35.5806, 10);
    expect(zone).toBe(0x6085_e1d2_3342_dc07n);
    expect(beidou2d.format(zone, 10)).toBe('N48I570748C320556007');
    const level5 = beidou2d.parent(zone, 10, 5);
    expect(beidou2d.range(level5, 5)).toEqual({ lo: 0x6085_e1d2_3000_0000n, hi: 0x6085_e1d2_33ff_ffffn });
    const level7 = beidou2d.parent(zone, 10, 7);
    expect(beidou2d.range(level7, 7)).toEqual({ lo: 0x6085_e1d2_3340_0000n, hi: 0x6085_e1d2_3343_ffffn });
    expect(beidou2d.centre(zone, 10)).toEqual([104.62629998101129, 35.58059997558594]);
    expect(anchor(zone, 10)).toEqual([104.62629991319444, 35.5805999077691]);
  });

  it('encode: the four hemispheres mirror every digit but the zone', () => {
    const tail = 'I570748C320556007';
    expect(code(-104.6263, 35.5806, 10)).toBe(`N13${tail}`);
    expect(code(-104.6263, -35.5806, 10)).toBe(`S13${tail}`);
    expect(code(104.6263, -35.5806, 10)).toBe(`S48${tail}`);
  });

  it('encode: zero belongs east and north whatever its sign; 180 is clamped to the side it is written on', () => {
    expect(code(0, 0, 4)).toBe('N31A00000');
    expect(code(-0, -0, 4)).toBe('N31A00000');
    expect(code(180, 10, 2)).toBe('N60CB4');
    expect(code(-180, 10, 2)).toBe('N01CB4');
  });

  it('encode: one level finer than 2 at |lat| >= 88 degrees is refused by type, never guessed', () => {
    for (const level of [3, 5, 10]) {
      for (const lat of [88, 89.9, 90, -88, -90]) {
        let caught: unknown;
        try {
          beidou2d.encode(10, lat, level);
        } catch (error) {
          caught = error;
        }
        expect(isGridError(caught, 'polar-unsupported')).toBe(true);
        expect(beidou2d.encodeBatch(Float64Array.of(10), Float64Array.of(lat), level)[0]).toBe(NO_ZONE);
      }
    }
    expect(code(10, 87.999_999_99, 10).slice(0, 4)).toBe('N32V');
  });

  it('encode: exact edges keep their cell in doubles, as d + m/60 + s/3600 and rounded to 12 decimals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 179 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 59 }),
        (d, m, s) => {
          const units = d * 7_372_800 + m * 122_880 + s * 2048;
          const sum = d + m / 60 + s / 3600;
          expect(wholeUnits(sum)).toBe(units);
          expect(wholeUnits(Number(sum.toFixed(12)))).toBe(units);
          expect(wholeUnits(units / 7_372_800)).toBe(units);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('encode(anchor(zone)) is the zone in all four quadrants, off the axes', () => {
    const sides = fc.constantFrom(1, -1);
    const index = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(sides, sides, index, index, fc.integer({ min: 1, max: 10 }), (ew, ns, i, j, level) => {
        const zone = beidou2d.encode((ew * i * 179.9) / 1e6, (ns * j * 87.9) / 1e6, level);
        const corner = anchor(zone, level);
        fc.pre(corner[0] !== 0 && corner[1] !== 0);
        expect(beidou2d.encode(...corner, level)).toBe(zone);
      }),
      { numRuns: 500 },
    );
  });

  it('encodeDms: exact values, fractions of a second, and the hemisphere of a zero', () => {
    const lon = {
      hemisphere: 'E',
      degrees: 116,
      minutes: 18,
      seconds: { numerator: 4537, denominator: 100 },
    } as const;
    const lat = {
      hemisphere: 'N',
      degrees: 39,
      minutes: 59,
      seconds: { numerator: 3538, denominator: 100 },
    } as const;
    expect(beidou2d.format(encodeDms(lon, lat, 8), 8)).toBe('N50J47539B825534');
    const west = { hemisphere: 'W', degrees: 0, minutes: 0, seconds: 0 } as const;
    const south = { hemisphere: 'S', degrees: 0, minutes: 0, seconds: 0 } as const;
    expect(beidou2d.format(encodeDms(west, south, 2), 2)).toBe('S30A00');
    // A third of a unit short of a cell edge stays below it, exactly; no double could say so.
    const short = {
      hemisphere: 'E',
      degrees: 0,
      minutes: 0,
      seconds: { numerator: 3 * 2048 - 1, denominator: 3 * 2048 },
    };
    expect(unitsOfDms({ ...short, hemisphere: 'E' })).toBe(2047);
    const edge = { hemisphere: 'E', degrees: 180, minutes: 0, seconds: 0 } as const;
    expect(beidou2d.format(encodeDms(edge, lat, 1), 1)).toBe('N60J');
  });

  it.each([
    [{ hemisphere: 'E', degrees: 181, minutes: 0, seconds: 0 }],
    [{ hemisphere: 'E', degrees: 180, minutes: 0, seconds: 1 / 2048 }],
    [{ hemisphere: 'E', degrees: 180, minutes: 0, seconds: { numerator: 1, denominator: 1e9 } }],
    [{ hemisphere: 'N', degrees: 90, minutes: 1, seconds: 0 }],
    [{ hemisphere: 'E', degrees: 1.5, minutes: 0, seconds: 0 }],
    [{ hemisphere: 'E', degrees: 1, minutes: 60, seconds: 0 }],
    [{ hemisphere: 'E', degrees: 1, minutes: 0, seconds: 60 }],
    [{ hemisphere: 'E', degrees: 1, minutes: 0, seconds: 0.1 }],
    [{ hemisphere: 'E', degrees: 1, minutes: 0, seconds: { numerator: -1, denominator: 2 } }],
    [{ hemisphere: 'E', degrees: 1, minutes: 0, seconds: { numerator: 1, denominator: 0 } }],
  ] as const)('unitsOfDms: refuses %j', (dms) => {
    expect(() => unitsOfDms(dms)).toThrow(/Cannot read/);
  });

  it('unitsOfDms: refuses seconds that are missing', () => {
    for (const seconds of [undefined, null] as unknown as readonly number[]) {
      const refusal = refusalOf(() => unitsOfDms({ hemisphere: 'E', degrees: 1, minutes: 2, seconds }));
      expect(refusal?.code).toBe('position-invalid');
    }
  });

  it('polar: the sixteen cells of each cap hold their centres, tile the cap and name their sectors', () => {
    for (const [cap, sign] of [
      ['N000', 1],
      ['S000', -1],
    ] as const) {
      const { zone } = beidou2d.parse(cap);
      expect(beidou2d.encode(77, 89 * sign, 1)).toBe(zone);
      const cells = beidou2d.subZones(zone, 1, 2);
      expect(cells.length).toBe(16);
      expect(new Set(cells).size).toBe(16);
      for (const cell of cells) {
        expect(beidou2d.encode(...beidou2d.centre(cell, 2), 2)).toBe(cell);
        expect(beidou2d.parent(cell, 2, 1)).toBe(zone);
        expect(beidou2d.parse(beidou2d.format(cell, 2)).zone).toBe(cell);
      }
      const sum = cells.reduce((total, cell) => total + beidou2d.areaM2(cell, 2), 0);
      expect(sum / beidou2d.areaM2(zone, 1)).toBeCloseTo(1, 12);
    }
    expect(code(65.7, 88.2, 2)).toBe('N00011');
    expect(code(150, -88.7, 2)).toBe('S00022');
    expect(code(-150, 88.7, 2)).toBe('N00023');
    expect(code(-20, 88.7, 2)).toBe('N00032');
    expect(code(-90, 89.2, 2)).toBe('N00003');
    expect(code(120, 89.2, 2)).toBe('N00002');
    expect(code(-120, 89.2, 2)).toBe('N00002');
    expect(code(0, 90, 2)).toBe('N00000');
    expect(beidou2d.bounds(beidou2d.parse('N00002').zone, 2)).toEqual([120, 89, -120, 89.5]);
    expect(beidou2d.bounds(beidou2d.parse('N00021').zone, 2)).toEqual([-180, 88, -120, 88.5]);
    expect(() => beidou2d.subZones(beidou2d.parse('N000').zone, 1, 3)).toThrow(/levels 1..2/);
  });

  it('neighbours: step across the equator, the prime meridian and 180 degrees into mirrored codes', () => {
    const names = (
      text: string,
      list: (zone: bigint, level: number) => readonly bigint[],
    ): readonly string[] => {
      const { zone, level } = beidou2d.parse(text);
      return list(zone, level)
        .map((each) => beidou2d.format(each, level))
        .sort();
    };
    expect(names('N31A00', edgeNeighbours)).toEqual(['N30A00', 'N31A01', 'N31A10', 'S31A00']);
    expect(names('N31A00', beidou2d.neighbours)).toEqual([
      'N30A00',
      'N30A01',
      'N31A01',
      'N31A10',
      'N31A11',
      'S30A00',
      'S31A00',
      'S31A10',
    ]);
    expect(names('N60CB4', edgeNeighbours)).toEqual(['N01CB4', 'N60CA4', 'N60CB3', 'N60CB5']);
    expect(names('N48I', edgeNeighbours)).toEqual(['N47I', 'N48H', 'N48J', 'N49I']);
  });

  it('neighbours: join the row below 88 degrees to the cap at levels 1-2, symmetrically, and end there below', () => {
    expect(edgeNeighbours(beidou2d.parse('N000').zone, 1).length).toBe(60);
    expect(beidou2d.neighbours(beidou2d.encode(3, 86, 1), 1)).toContain(beidou2d.parse('N000').zone);
    for (const list of [edgeNeighbours, beidou2d.neighbours]) {
      for (const cell of beidou2d.subZones(beidou2d.parse('S000').zone, 1, 2)) {
        for (const each of list(cell, 2)) expect(list(each, 2)).toContain(cell);
      }
    }
    expect(edgeNeighbours(beidou2d.parse('N00000').zone, 2).length).toBe(3);
    // 120 cells of half a degree below, both sides, and the ring above.
    expect(edgeNeighbours(beidou2d.parse('N00010').zone, 2).length).toBe(120 + 2 + 1);
    expect(edgeNeighbours(beidou2d.encode(10.01, 87.99, 4), 4).length).toBe(3);
  });

  it('areaM2: all cells of level 1 make up the GRS80 ellipsoid; a level-10 cell keeps its figures', () => {
    let total = 0;
    for (let column = -30; column < 30; column += 1) {
      for (let row = -22; row < 22; row += 1) {
        total += beidou2d.areaM2(beidou2d.encode(column * 6 + 3, row * 4 + 2, 1), 1);
      }
    }
    for (const cap of ['N000', 'S000']) total += beidou2d.areaM2(beidou2d.parse(cap).zone, 1);
    // 4 pi times the square of the authalic radius of GRS80, 6,371,007.1810 m (Moritz 2000).
    expect(total / (4 * Math.PI * 6_371_007.181 ** 2)).toBeCloseTo(1, 10);
    const zone = beidou2d.encode(104.6263, 35.5806, 10);
    // The meridian and prime-vertical radii at that latitude, worked out apart.
    const e2 = 0.00669438002290341;
    const [, lat] = beidou2d.centre(zone, 10);
    const w = 1 - e2 * Math.sin((lat * Math.PI) / 180) ** 2;
    const side = Math.PI / 180 / 7_372_800;
    const plain = ((6_378_137 ** 2 * (1 - e2)) / w ** 2) * Math.cos((lat * Math.PI) / 180) * side * side;
    expect(beidou2d.areaM2(zone, 10) / plain).toBeCloseTo(1, 9);
  });

  it('format: an id with digits out of range is refused, so no illegal code can be written', () => {
    const zone = beidou2d.parse('N48I570').zone;
    expect(() => beidou2d.format(zone | 1n, 3)).toThrow(/bits below/);
    expect(() => beidou2d.format(61n << 57n, 1)).toThrow(/zone number 61/);
    expect(() => beidou2d.format((48n << 57n) | (22n << 52n), 1)).toThrow(/row 22/);
    expect(() => beidou2d.format((48n << 57n) | (15n << 48n), 2)).toThrow(/level 2 column 15/);
    expect(() => beidou2d.format(1n << 52n, 1)).toThrow(/row 0/);
    expect(() => beidou2d.format(4n << 45n, 2)).toThrow(/polar digits/);
  });
});
