import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import {
  type BeidouZone,
  formatBeidouReference,
  parseBeidouReference,
  resolveBeidouReference,
} from './beidou-reference.ts';
import { beidou2d } from './beidou2d.ts';

fc.configureGlobal({ seed: 39_409 });

const zoneOf = (text: string): BeidouZone => beidou2d.parse(text);
const textOf = ({ zone, level }: BeidouZone): string => beidou2d.format(zone, level);

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return isGridError(error) ? error.code : error;
  }
}

describe('reference codes, GB/T 39409-2020 clause 7', () => {
  it.each([
    ['N50J475491E', 'N50J475493E', '-20'],
    ['N50J475493E', 'N50J475491E', '-B0'],
    ['N50J475492E', 'N50J475493E', '-10'],
  ])('the standard: from %s the cell %s is %s', (from, to, tail) => {
    expect(formatBeidouReference(zoneOf(from), zoneOf(to))).toBe(from + tail);
    expect(textOf(resolveBeidouReference(from + tail))).toBe(to);
  });

  it('counts east and north as figures in every hemisphere, and across the axes and 180 degrees', () => {
    const at = (lon: number, lat: number, level: number): BeidouZone => ({
      zone: beidou2d.encode(lon, lat, level),
      level,
    });
    const step = 4 / 3600;
    for (const [lon, lat] of [
      [104.6, 35.5],
      [-104.6, 35.5],
      [104.6, -35.5],
      [-104.6, -35.5],
      [0.0005, 0.0005],
      [-0.0005, -0.0005],
      [179.9995, 5],
      [-179.9995, 5],
    ] as const) {
      const from = at(lon, lat, 5);
      const [centreLon, centreLat] = beidou2d.centre(from.zone, 5);
      for (const [dx, dy, tail] of [
        [2, 1, '-21'],
        [-2, -1, '-BA'],
        [7, -7, '-7G'],
        [-7, 0, '-G0'],
        [0, 0, '-00'],
      ] as const) {
        const east = centreLon + dx * step;
        const to = at(east > 180 ? east - 360 : east < -180 ? east + 360 : east, centreLat + dy * step, 5);
        const text = textOf(from) + tail;
        expect(formatBeidouReference(from, to)).toBe(text);
        expect(resolveBeidouReference(text)).toEqual(to);
      }
    }
  });

  it('further pairs go a level down each, from the corner nearest the origin', () => {
    expect(textOf(resolveBeidouReference('N50J475491E-20-01-57'))).toBe('N50J475493E257');
    expect(textOf(resolveBeidouReference('N11J475491E-B0-A0'))).toBe('N11J475493E1');
    expect(textOf(resolveBeidouReference('S50J475491E-00-0A-5G'))).toBe('S50J475491E257');
  });

  it('format and resolve are inverse for any two zones in reach', () => {
    const near = fc.integer({ min: -7, max: 7 });
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -87, max: 87, noNaN: true }),
        fc.integer({ min: 5, max: 10 }),
        fc.integer({ min: 0, max: 5 }),
        near,
        near,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (lon, lat, level, deeper, dx, dy, part) => {
          const from = { zone: beidou2d.encode(lon, lat, level), level };
          const toLevel = Math.min(10, level + deeper);
          const [west, south, east, north] = beidou2d.bounds(from.zone, level);
          const x = west + (dx + part) * (east - west);
          const y = south + (dy + part) * (north - south);
          const to = {
            zone: beidou2d.encode(x > 180 ? x - 360 : x < -180 ? x + 360 : x, y, toLevel),
            level: toLevel,
          };
          const text = formatBeidouReference(from, to);
          expect(resolveBeidouReference(text)).toEqual(to);
          const parsed = parseBeidouReference(text);
          expect(parsed.from).toEqual(from);
          expect(parsed.steps.length).toBe(toLevel - level + 1);
          expect(text.startsWith(`${textOf(from)}-`)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['N50J47549-10', 'level-out-of-range'],
    ['N50J475491E', 'zone-invalid'],
    ['N50J475491E-', 'zone-invalid'],
    ['N50J475491E-8A', 'zone-invalid'],
    ['N50J475491E-H0', 'zone-invalid'],
    ['N50J475491E-a0', 'zone-invalid'],
    ['N50J475491E-100', 'zone-invalid'],
    ['N50J475491E-10-', 'zone-invalid'],
    ['N50J475491E-10-20', 'zone-invalid'],
    ['N50J475491E-10-A0', 'zone-invalid'],
    ['N50J475491F-10', 'zone-invalid'],
    ['N00012-10', 'polar-unsupported'],
    ['N50VB75E9EE-01', 'polar-unsupported'],
    ['S50VB75E9EE-0A', 'polar-unsupported'],
    ['N50J475491E-10-00-00-00-00-00-00', 'level-out-of-range'],
  ])('refuses %s: %s', (text, code) => {
    expect(codeOf(() => resolveBeidouReference(text))).toBe(code);
  });

  it('refuses a zone out of reach, coarser or polar by type', () => {
    const from = zoneOf('N50J475491E');
    expect(codeOf(() => formatBeidouReference(from, zoneOf('N50J475499E')))).toBe('zone-invalid');
    expect(codeOf(() => formatBeidouReference(from, zoneOf('N50J47549')))).toBe('level-out-of-range');
    expect(codeOf(() => formatBeidouReference(from, zoneOf('N00012')))).toBe('polar-unsupported');
    expect(codeOf(() => formatBeidouReference(zoneOf('N00012'), from))).toBe('polar-unsupported');
  });
});
