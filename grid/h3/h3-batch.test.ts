import { cellToChildren, cellToLatLng, getRes0Cells, isValidCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { HIGH_WORD, NO_ZONE, wordsOf } from '../no-zone.ts';
import { decodeH3Batch, decodeH3Point, encodeH3Batch, encodeH3Point, formatH3Batch } from './h3-batch.ts';
import type { H3BatchStats } from './h3-encode.ts';
import { compareWithH3js } from './test-h3-compare.ts';
import { h3TestPoints } from './test-h3-points.ts';
import { seeded } from './test-h3-shapes.ts';

const LEVELS = Array.from({ length: 16 }, (_, level) => level);

describe('encodeH3Batch', () => {
  it('gives the cells of h3-js at all levels: 10^6 positions, most where edges, pentagons and poles are', () => {
    const all = compareWithH3js(62_500, 39_409);
    expect(all.points).toBe(1_000_000);
    expect(all.examples).toEqual([]);
    expect(all.different).toBe(0);
    expect(all.astray).toBe(0);
    // Far more than of random positions: a third of these lie within rounding of an edge. Still most are our own.
    expect(all.decidedByH3js).toBeLessThan(250_000);
    expect(all.decidedByH3js).toBeGreaterThan(0);
  }, 180_000);

  it('leaves less than five in a million random positions to h3-js at level 15, and none at level 9', () => {
    const random = seeded(7);
    const count = 1_000_000;
    const lonDeg = Float64Array.from({ length: count }, () => 360 * random() - 180);
    const latDeg = Float64Array.from({ length: count }, () => (Math.asin(2 * random() - 1) * 180) / Math.PI);
    const out = new BigUint64Array(count);
    for (const [level, most] of [
      [15, 5],
      [9, 0],
    ] as const) {
      const stats: H3BatchStats = { points: 0, decidedByH3js: 0 };
      encodeH3Batch(lonDeg, latDeg, level, out, stats);
      expect(stats.points).toBe(count);
      expect(stats.decidedByH3js).toBeLessThanOrEqual(most);
    }
  });

  it('refuses into NO_ZONE what is no position, and nothing beside it', () => {
    const above = (limit: number): number => limit * (1 + Number.EPSILON);
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const lonDeg = Float64Array.of(...bad, above(180), -above(180), 1, 1, 1, 1, 1, 180, -180, -0);
    const latDeg = Float64Array.of(1, 1, 1, 1, 1, ...bad, above(90), -above(90), 90, -90, -0);
    for (const level of LEVELS) {
      const zones = encodeH3Batch(lonDeg, latDeg, level);
      expect([...zones].map((zone) => zone === NO_ZONE)).toEqual([
        ...Array.from({ length: 10 }, () => true),
        ...[false, false, false],
      ]);
      expect(encodeH3Point(Number.NaN, 1, level)).toBe(NO_ZONE);
      expect(encodeH3Point(-180, -90, level)).toBe(zones[11]);
    }
  });

  it('refuses levels and shapes by name', () => {
    const two = new Float64Array(2);
    expect(() => encodeH3Batch(two, two, 16)).toThrow(/level must be a whole number 0\.\.15/);
    expect(() => encodeH3Batch(two, two, 9.5)).toThrow(/0\.\.15/);
    expect(() => encodeH3Batch(two, new Float64Array(3), 9)).toThrow(/lengths must be equal/);
    expect(() => decodeH3Batch(new BigUint64Array(2), 9, new Float64Array(3))).toThrow(
      /lengths must be equal/,
    );
  });
});

/** Largest of the differences of latitude and, across the meridian, of longitude; degrees. */
function difference(lonDeg: number, latDeg: number, text: string): number {
  const [lat, lon] = cellToLatLng(text);
  const across = Math.abs(((lonDeg - lon + 540) % 360) - 180) * Math.cos((lat * Math.PI) / 180);
  return Math.max(Math.abs(latDeg - lat), across);
}

describe('decodeH3Batch', () => {
  it('gives the centres of h3-js for every cell of levels 0 to 3, within 1e-11 degrees', () => {
    for (const level of [0, 1, 2, 3]) {
      const texts = getRes0Cells().flatMap((text) => cellToChildren(text, level));
      const zones = BigUint64Array.from(texts, (text) => BigInt(`0x${text}`));
      const { lonDeg, latDeg } = decodeH3Batch(zones, level);
      const worst = texts.reduce(
        (most, text, n) => Math.max(most, difference(lonDeg[n]!, latDeg[n]!, text)),
        0,
      );
      expect(worst).toBeLessThan(1e-11);
    }
  });

  it('gives the centres of h3-js anywhere at every level, within 1e-9 degrees, and 2e-13 to latitude 85', () => {
    for (const level of LEVELS) {
      const points = h3TestPoints(4000, 100 + level, level);
      const zones = encodeH3Batch(points.lonDeg, points.latDeg, level);
      const { lonDeg, latDeg } = decodeH3Batch(zones, level);
      zones.forEach((zone, n) => {
        const miss = difference(lonDeg[n]!, latDeg[n]!, zone.toString(16));
        expect(miss).toBeLessThan(Math.abs(latDeg[n]!) < 85 ? 2e-13 : 1e-9);
        if (n % 50 === 0) expect(decodeH3Point(zone, level)).toEqual([lonDeg[n], latDeg[n]]);
      });
    }
  });

  it('gives NaN for exactly what h3-js does not call a cell of the level', () => {
    const random = seeded(11);
    const word = (): number => Math.floor(random() * 2 ** 32);
    let [good, bad] = [0, 0];
    for (const level of LEVELS) {
      const points = h3TestPoints(1000, 300 + level, level);
      const zones = encodeH3Batch(points.lonDeg, points.latDeg, level);
      const words = wordsOf(zones);
      for (let n = 0; n < zones.length; n += 1) {
        // One to three bits turned over: of the digits, of the base cell or of the head; or a first digit of 1.
        for (let flips = n % 4; flips > 0; flips -= 1) words[2 * n + (word() & 1)]! ^= 1 << (word() & 31);
        if (n % 7 === 0) words[2 * n + HIGH_WORD] = (words[2 * n + HIGH_WORD]! & ~(7 << 10)) | (1 << 10);
      }
      const { lonDeg, latDeg } = decodeH3Batch(zones, level);
      zones.forEach((zone, n) => {
        const text = zone.toString(16);
        const cell = isValidCell(text) && Number((zone >> 52n) & 15n) === level;
        expect([Number.isNaN(lonDeg[n]), Number.isNaN(latDeg[n])], text).toEqual([!cell, !cell]);
        if (cell) good += 1;
        else bad += 1;
      });
    }
    expect(good).toBeGreaterThan(1000);
    expect(bad).toBeGreaterThan(1000);
    expect(decodeH3Point(NO_ZONE, 9)).toEqual([Number.NaN, Number.NaN]);
    expect(decodeH3Point(-1n, 9)).toEqual([Number.NaN, Number.NaN]);
    const cell = encodeH3Point(104.62, 35.58, 9);
    expect(decodeH3Point(cell + (1n << 64n), 9)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('formatH3Batch', () => {
  it('writes what toString(16) does, and nothing for NO_ZONE', () => {
    for (const level of LEVELS) {
      const { lonDeg, latDeg } = h3TestPoints(500, 500 + level, level);
      lonDeg[3] = Number.NaN;
      const zones = encodeH3Batch(lonDeg, latDeg, level);
      expect(formatH3Batch(zones)).toEqual(
        Array.from(zones, (zone, n) => (n === 3 ? '' : zone.toString(16))),
      );
    }
  });
});
