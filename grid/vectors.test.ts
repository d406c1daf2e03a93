import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { cellToCenterChild, cellToChildPos } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { beidou2d } from './beidou/beidou2d.ts';
import { encodeBeidou3d } from './beidou/beidou3d.ts';
import { isGridError } from './errors.ts';
import { h3 } from './h3/h3.ts';

fc.configureGlobal({ seed: 39_409 });

function readVectors(name: string): readonly Readonly<Record<string, string>>[] {
  const lines = readFileSync(new URL(`./vectors/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const [header, ...rows] = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(header!.map((key, n) => [key, row[n]!])));
}

function refusalOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return isGridError(error) ? error.code : String(error);
  }
}

/** |decimal text| as an exact fraction over 10^digits. */
function fraction(text: string): { readonly top: bigint; readonly bottom: bigint } {
  const [whole, part = ''] = text.replace('-', '').split('.');
  return { top: BigInt(whole! + part), bottom: 10n ** BigInt(part.length) };
}

/** Whole units of |text| degrees; an edge nearer than 1e-5 unit counts as reached. Exact fractions only. */
function exactUnits(text: string): bigint {
  const { top, bottom } = fraction(text);
  return (top * 7_372_800n * 100_000n + bottom) / (bottom * 100_000n);
}

/**
 * The judge: a code by mixed radix from exact fractions of the decimal text, written from the standard's table and sharing nothing
 * with the codec. Ordinary area.
 */
function plainCode(lon: string, lat: string, level: number): string {
  const limit = 180n * 7_372_800n - 1n;
  let x = exactUnits(lon);
  if (x > limit) x = limit;
  const y = exactUnits(lat);
  const west = Number(lon) < 0;
  const zone = west ? 30n - x / 44_236_800n : 31n + x / 44_236_800n;
  let code = `${Number(lat) < 0 ? 'S' : 'N'}${String(zone).padStart(2, '0')}${'ABCDEFGHIJKLMNOPQRSTUV'[Number(y / 29_491_200n)]}`;
  const sizes: readonly (readonly [bigint, bigint, bigint, bigint])[] = [
    [44_236_800n, 29_491_200n, 3_686_400n, 3_686_400n],
    [3_686_400n, 3_686_400n, 1_843_200n, 1_228_800n],
    [1_843_200n, 1_228_800n, 122_880n, 122_880n],
    [122_880n, 122_880n, 8_192n, 8_192n],
    [8_192n, 8_192n, 4_096n, 4_096n],
    [4_096n, 4_096n, 512n, 512n],
    [512n, 512n, 64n, 64n],
    [64n, 64n, 8n, 8n],
    [8n, 8n, 1n, 1n],
  ];
  sizes.slice(0, level - 1).forEach(([parentX, parentY, sizeX, sizeY], n) => {
    const column = (x % parentX) / sizeX;
    const row = (y % parentY) / sizeY;
    const isZOrder = n === 1 || n === 4;
    code += isZOrder ? String(row * 2n + column) : (column.toString(16) + row.toString(16)).toUpperCase();
  });
  return code;
}

describe('vectors/beidou2d.csv', () => {
  it.each(readVectors('beidou2d.csv'))('encode and parse: $lon $lat at $level: $note', (vector) => {
    const [lon, lat, level] = [Number(vector.lon), Number(vector.lat), Number(vector.level)];
    expect(refusalOf(() => beidou2d.encode(lon, lat, level))).toBe(vector.refused);
    if (vector.refused !== '') return;
    const zone = beidou2d.encode(lon, lat, level);
    expect(zone.toString(16).padStart(16, '0')).toBe(vector.id);
    expect(beidou2d.format(zone, level)).toBe(vector.code);
    expect(beidou2d.parse(vector.code!)).toEqual({ zone, level });
    if (!vector.code!.startsWith('N00') && !vector.code!.startsWith('S00')) {
      expect(plainCode(vector.lon!, vector.lat!, level)).toBe(vector.code);
    }
  });

  it('encode: equals the exact judge for decimals of up to 12 digits', () => {
    const decimal = (limit: number): fc.Arbitrary<string> =>
      fc
        .tuple(
          fc.boolean(),
          fc.integer({ min: 0, max: limit - 1 }),
          fc.integer({ min: 0, max: 12 }),
          fc.nat(999_999_999_999),
        )
        .map(([minus, whole, digits, part]) => {
          const tail = String(part).padStart(12, '0').slice(0, digits);
          return `${minus ? '-' : ''}${whole}${tail === '' ? '' : `.${tail}`}`;
        });
    fc.assert(
      fc.property(decimal(180), decimal(88), fc.integer({ min: 1, max: 10 }), (lon, lat, level) => {
        const zone = beidou2d.encode(Number(lon), Number(lat), level);
        // "-0" and "-0.000" are zero, which belongs east and north.
        const signed = (text: string): string => (Number(text) === 0 ? text.replace('-', '') : text);
        expect(beidou2d.format(zone, level)).toBe(plainCode(signed(lon), signed(lat), level));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('vectors/h3.csv', () => {
  it.each(readVectors('h3.csv'))('encode, parse and range: $lon $lat at $level: $note', (vector) => {
    const [lon, lat, level] = [Number(vector.lon), Number(vector.lat), Number(vector.level)];
    expect(refusalOf(() => h3.encode(lon, lat, level))).toBe(vector.refused);
    if (vector.refused !== '') return;
    const zone = h3.encode(lon, lat, level);
    expect(h3.format(zone, level)).toBe(vector.id);
    expect(h3.parse(vector.id!)).toEqual({ zone, level });
    if (level > h3.pointLevel) return;
    const { lo, hi } = h3.range(zone, level);
    expect([lo.toString(16), hi.toString(16)]).toEqual([vector.lo, vector.hi]);
    // The lower bound is the library's centre child, the first of the zone's descendants.
    expect(cellToCenterChild(vector.id!, h3.pointLevel)).toBe(vector.lo);
    expect(cellToChildPos(vector.lo!, level)).toBe(0);
  });
});

describe('vectors/beidou3d.csv', () => {
  it.each(readVectors('beidou3d.csv'))('encode: $lon $lat $height at $level: $note', (vector) => {
    const position = [Number(vector.lon), Number(vector.lat), Number(vector.height)] as const;
    const level = Number(vector.level);
    expect(refusalOf(() => encodeBeidou3d(...position, level))).toBe(vector.refused);
    if (vector.refused !== '') return;
    expect(encodeBeidou3d(...position, level)).toBe(vector.annexC);
    expect(encodeBeidou3d(...position, level, 'clause6')).toBe(vector.clause6);
  });
});
