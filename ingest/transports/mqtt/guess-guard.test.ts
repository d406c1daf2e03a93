import { describe, expect, it } from 'vitest';
import { GuessGuard } from './guess-guard.ts';

describe('GuessGuard', () => {
  it('doubles the time a name is blocked, up to 30 s, and forgets it after success', () => {
    const guard = new GuessGuard();
    let now = 0;
    const blocked: number[] = [];
    for (let guess = 0; guess < 10; guess++) {
      guard.failed('10.0.0.1', 'd1', now);
      const from = now;
      while (!guard.mayTry('10.0.0.1', 'd1', now)) now += 250;
      blocked.push(now - from);
    }
    expect(blocked).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    guard.succeeded('10.0.0.1', 'd1');
    guard.failed('10.0.0.1', 'd1', now);
    expect(guard.mayTry('10.0.0.1', 'd1', now + 250)).toBe(true);
  });

  it('blocks one name at one address only', () => {
    const guard = new GuessGuard();
    guard.failed('10.0.0.1', 'd1', 0);
    expect(guard.mayTry('10.0.0.1', 'd1', 1)).toBe(false);
    expect(guard.mayTry('10.0.0.1', 'd2', 1)).toBe(true);
    expect(guard.mayTry('10.0.0.2', 'd1', 1)).toBe(true);
  });

  it('lets 32 refusals of one address wait for their answer', () => {
    const guard = new GuessGuard();
    const places = Array.from({ length: 33 }, () => guard.wait('a'));
    expect(places.filter(Boolean)).toHaveLength(32);
    guard.answered('a');
    expect(guard.wait('a')).toBe(true);
  });
});
