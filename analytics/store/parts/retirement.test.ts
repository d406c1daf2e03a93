import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Retirement } from './retirement.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Retirement', () => {
  it('Retirement: removes what was replaced only after the statements asked before have ended', async () => {
    let end: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      end = resolve;
    });
    const removed: string[] = [];
    const failed: unknown[] = [];
    const retirement = new Retirement(
      () => running,
      (error) => failed.push(error),
    );
    retirement.add(async () => {
      removed.push('table');
    });
    retirement.add(async () => {
      throw new Error('busy');
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(removed).toEqual([]);
    expect(retirement.size).toBe(2);
    end();
    await vi.advanceTimersByTimeAsync(1);
    await retirement.finish();
    expect(removed).toEqual(['table']);
    expect(failed).toHaveLength(1);
    expect(retirement.size).toBe(0);
  });

  it('Retirement: at the end all goes at once, once', async () => {
    const removed: string[] = [];
    const retirement = new Retirement(
      async () => undefined,
      () => undefined,
    );
    retirement.add(async () => {
      removed.push('a');
    });
    await retirement.finish();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(removed).toEqual(['a']);
  });
});
