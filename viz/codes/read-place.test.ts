import { describe, expect, it } from 'vitest';
import { beidou2d, beidou3d, formatBeidouReference, h3, parseCoordinateReference } from '../../grid/index.ts';
import { isPlace, readPlace } from './read-place.ts';

const counties = [
  { code: '621102', name: { en: 'Anding', zh: '安定区' }, rings: [], label: [104.61, 35.58] as const },
];
const read = (text: string, reference = 'cgcs2000', heightCoding: 'annexC' | 'clause6' = 'annexC') =>
  readPlace(text, { reference: parseCoordinateReference(reference), heightCoding, counties });

describe('readPlace', () => {
  it.each([
    ['104.6263, 35.5806', null],
    ['104.6263 35.5806', null],
    ['104.6263，35.5806', null],
    ['  104.6263,35.5806,1900 ', 1900],
    ['104.6263 35.5806 -12.5 m', -12.5],
    ['35.5806N 104.6263E', null],
    ['N35.5806, E104.6263', null],
    ['104.6263°E 35.5806°N', null],
  ])('reads "%s"', (text, heightM) => {
    expect(read(text)).toEqual({ lonDeg: 104.6263, latDeg: 35.5806, heightM, named: null });
  });

  it.each([
    '104°37′34.68″E 35°34′50.16″N',
    `35°34'50.16"N, 104°37'34.68"E`,
    '104°37′34.68″东 35°34′50.16″北',
  ])('reads degrees, minutes and seconds: %s', (text) => {
    expect(read(text)).toMatchObject({
      lonDeg: expect.closeTo(104.6263, 9) as number,
      latDeg: expect.closeTo(35.5806, 9) as number,
    });
  });

  it('puts west and south on their side', () => {
    expect(read('70.5W 33.4S')).toMatchObject({ lonDeg: -70.5, latDeg: -33.4 });
    expect(read('70°30′W 33°24′S')).toMatchObject({ lonDeg: -70.5, latDeg: -33.4 });
  });

  it('reads codes of every grid and names their level', () => {
    const cell = h3.format(h3.encode(104.6263, 35.5806, 9), 9);
    expect(read(cell.toUpperCase())).toMatchObject({ named: { dggrs: 'h3', level: 9 } });
    expect(read('N48I 57 0 74 8C')).toMatchObject({ named: { dggrs: 'beidou2d', level: 5 } });
    expect(read('N000')).toMatchObject({ named: { dggrs: 'beidou2d', level: 1 } });
    const text = beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 8));
    const place = read(text);
    expect(place).toMatchObject({ named: { dggrs: 'beidou3d', level: 8 } });
    expect(isPlace(place) && Math.abs(place.heightM! - 1900)).toBeLessThan(1);
    const from = { zone: beidou2d.encode(104.6263, 35.5806, 5), level: 5 };
    const to = { zone: beidou2d.encode(104.6283, 35.5806, 5), level: 5 };
    expect(read(formatBeidouReference(from, to))).toMatchObject({ named: { dggrs: 'beidou2d', level: 5 } });
  });

  it('reads coordinates of another datum and of a plane system in it', () => {
    const shifted = read('104.6263, 35.5806', 'gcj02');
    expect(isPlace(shifted) && Math.abs(shifted.lonDeg - 104.6263)).toBeGreaterThan(0.0005);
    const plane = read('35466139, 3939000', 'gk3-35');
    expect(plane).toMatchObject({ lonDeg: expect.closeTo(104.6263, 2) as number });
  });

  it('knows counties in both languages', () => {
    expect(read('anding')).toMatchObject({ lonDeg: 104.61 });
    expect(read('安定')).toMatchObject({ latDeg: 35.58 });
  });

  it.each([
    ['', { reason: 'empty' }],
    ['somewhere', { reason: 'unknown' }],
    ['东', { reason: 'unknown' }],
    ['35.5806, 104.6263', { reason: 'swapped' }],
    ['N99I57', { reason: 'refused' }],
    ['104°61′0″E 35°0′0″N', { reason: 'refused' }],
    ['200, 10', { reason: 'refused' }],
  ])('refuses "%s"', (text, problem) => {
    expect(read(text)).toMatchObject(problem);
  });

  it('reads a 3D code by the coding chosen only', () => {
    const text = beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 5));
    expect(read(text)).toHaveProperty('named');
    expect(read(text, 'cgcs2000', 'clause6')).toMatchObject({ reason: 'refused' });
  });
});
