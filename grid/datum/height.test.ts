import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../refusal.ts';
import {
  formatHeightReference,
  fromEllipsoidalHeight,
  type HeightReference,
  parseHeightReference,
  toEllipsoidalHeight,
  toEllipsoidalHeightBatch,
} from './height.ts';

fc.configureGlobal({ seed: 39_409 });

const references = fc.oneof(
  fc.constant<HeightReference>('ellipsoidal'),
  fc
    .double({ min: -115, max: 95, noNaN: true })
    .map((undulationM): HeightReference => ({ above: 'sea-level', undulationM })),
  fc
    .double({ min: -12_000, max: 9500, noNaN: true })
    .map((groundHeightM): HeightReference => ({ above: 'ground', groundHeightM })),
);

describe('toEllipsoidalHeight', () => {
  it('adds the declared offset', () => {
    expect(toEllipsoidalHeight('ellipsoidal', 1900)).toBe(1900);
    expect(toEllipsoidalHeight({ above: 'sea-level', undulationM: -38.5 }, 1938.5)).toBe(1900);
    expect(toEllipsoidalHeight({ above: 'ground', groundHeightM: 1860 }, -2.5)).toBe(1857.5);
  });

  it('refuses a height whose reference is not declared, and what is no height', () => {
    expect(() => toEllipsoidalHeight(undefined, 1900)).toThrow(/reference is not declared/);
    expect(() => toEllipsoidalHeightBatch(undefined, Float64Array.of(1), new Float64Array(1))).toThrow(
      /reference is not declared/,
    );
    expect(() => toEllipsoidalHeight('ellipsoidal', Number.NaN)).toThrow(/finite number of metres/);
    expect(() => toEllipsoidalHeightBatch('ellipsoidal', Float64Array.of(1), new Float64Array(2))).toThrow(
      /lengths must be equal/,
    );
  });

  it('has fromEllipsoidalHeight as its inverse, and a batch that says the same', () => {
    fc.assert(
      fc.property(
        references,
        fc.array(fc.double({ min: -12_000, max: 100_000 }), { maxLength: 20 }),
        (reference, heights) => {
          const out = Float64Array.from(heights);
          expect(toEllipsoidalHeightBatch(reference, out, out)).toBe(heights.filter(Number.isNaN).length);
          heights.forEach((height, i) => {
            if (Number.isNaN(height)) expect(out[i]).toBeNaN();
            else {
              expect(toEllipsoidalHeight(reference, height)).toBe(out[i]);
              expect(fromEllipsoidalHeight(reference, out[i]!)).toBeCloseTo(height, 9);
            }
          });
        },
      ),
    );
  });
});

describe('parseHeightReference', () => {
  it('reads what formatHeightReference writes, and objects', () => {
    fc.assert(
      fc.property(references, (reference) => {
        const text = formatHeightReference(reference);
        const back = parseHeightReference(text);
        expect(Math.abs(toEllipsoidalHeight(back, 0) - toEllipsoidalHeight(reference, 0))).toBeLessThan(1e-6);
        expect(parseHeightReference(JSON.parse(JSON.stringify(reference)))).toEqual(
          JSON.parse(JSON.stringify(reference)),
        );
      }),
    );
    expect(parseHeightReference('sea-level:-38.5')).toEqual({ above: 'sea-level', undulationM: -38.5 });
    expect(formatHeightReference({ above: 'ground', groundHeightM: 1860 })).toBe('ground:1860');
  });

  it('refuses everything else, and says what may be written', () => {
    for (const [value, said] of [
      [undefined, 'must be "ellipsoidal"'],
      [null, 'must be "ellipsoidal"'],
      ['sea-level', 'must be "ellipsoidal"'],
      ['sea-level:', 'must be "ellipsoidal"'],
      ['sea-level:1e1', 'must be "ellipsoidal"'],
      ['sea-level:1900', 'undulationM must be a number of metres -115..95'],
      [{ above: 'sea-level' }, 'undulationM must be a number'],
      [{ above: 'sea-level', undulationM: '-38' }, 'undulationM must be a number'],
      [{ above: 'sea-level', undulationM: Number.NaN }, 'undulationM must be a number'],
      [{ above: 'sea-level', undulationM: -38, datum: '1985' }, 'must be "ellipsoidal"'],
      [{ above: 'ground', undulationM: -38 }, 'must be "ellipsoidal"'],
      [{ above: 'ground' }, 'groundHeightM must be a number'],
      [38, 'must be "ellipsoidal"'],
    ] as const) {
      expect(() => parseHeightReference(value), JSON.stringify(value)).toThrow(said);
    }
  });

  it('converts no height by a reference that was not read', () => {
    const unread = [
      'sea-level',
      'sea-level:-36',
      'msl',
      null,
      { above: 'sea-level' },
      { above: 'sea-level', undulationM: '-36' },
    ] as unknown as readonly HeightReference[];
    for (const reference of unread) {
      for (const act of [
        () => toEllipsoidalHeight(reference, 5),
        () => fromEllipsoidalHeight(reference, 5),
        () => toEllipsoidalHeightBatch(reference, Float64Array.of(5), new Float64Array(1)),
      ]) {
        expect(refusalOf(act)?.code, JSON.stringify(reference)).toBe('reference-invalid');
      }
    }
  });
});
