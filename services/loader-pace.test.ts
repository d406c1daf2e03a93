import { describe, expect, it } from 'vitest';
import { LoaderPace } from './loader-pace.ts';

const pace = () => new LoaderPace({ maxReadings: 100, catchUpReadings: 1000 });

describe('LoaderPace', () => {
  it('readings: batches grow while the index is far behind and loading is quick, to their limit', () => {
    const one = pace();
    expect(one.readings).toBe(100);
    const sizes = [100, 300, 700, 1500, 2500].map((to) => {
      one.pulled(to, 100_000, 20);
      return one.readings;
    });
    expect(sizes).toEqual([200, 400, 800, 1000, 1000]);
  });

  it('readings: they shrink when loading takes long, and are small again once the index keeps up', () => {
    const one = pace();
    for (let i = 0; i < 4; i++) one.pulled(0, 100_000, 20);
    one.pulled(0, 100_000, 500);
    expect(one.readings).toBe(1000);
    for (let i = 0; i < 8; i++) one.pulled(0, 100_000, 900);
    expect(one.readings).toBe(100);
    one.pulled(0, 100_000, 20);
    one.pulled(99_700, 100_000, 20);
    expect(one.readings).toBe(100);
  });

  it('entriesPerS and etaMs: of late, against what arrives meanwhile', () => {
    const one = pace();
    expect([one.entriesPerS(), one.etaMs(0, 10), one.etaMs(10, 10)]).toEqual([0, null, 0]);
    for (let s = 0; s <= 40; s++) one.reached(s < 20 ? s : 20 + (s - 20) * 1000, 60_000 + s * 200, s * 1000);
    expect(one.entriesPerS()).toBe(1000);
    // 48,000 are missing, and 800 a second are won.
    expect(one.etaMs(20_000, 68_000)).toBe(60_000);
    for (let s = 41; s <= 60; s++) one.reached(20_020, 70_000 + s, s * 1000);
    expect(one.etaMs(20_020, 70_060)).toBeNull();
  });
});
