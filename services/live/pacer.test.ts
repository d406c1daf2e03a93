import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from './pacer.ts';

describe('Pacer', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('runs at once when quiet, and what is asked for within the gap once at its end', () => {
    const at: number[] = [];
    const began = Date.now();
    const pacer = new Pacer(
      250,
      () => at.push(Date.now() - began),
      () => Date.now(),
    );
    pacer.ask();
    for (let step = 0; step < 9; step += 1) {
      vi.advanceTimersByTime(100);
      pacer.ask();
    }
    vi.advanceTimersByTime(1000);
    expect(at).toEqual([0, 250, 500, 750, 1000]);
    expect(Math.min(...at.slice(1).map((time, index) => time - at[index]!))).toBeGreaterThanOrEqual(250);
  });

  it('does not run after stop', () => {
    let runs = 0;
    const pacer = new Pacer(
      250,
      () => (runs += 1),
      () => Date.now(),
    );
    pacer.ask();
    pacer.ask();
    pacer.stop();
    vi.advanceTimersByTime(1000);
    expect(runs).toBe(1);
  });
});
