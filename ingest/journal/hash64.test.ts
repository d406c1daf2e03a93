import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashMessage } from './hash64.ts';

function hash(topic: string, bytes: Uint8Array): string {
  const out = { lo: 0, hi: 0 };
  hashMessage(topic, bytes, out);
  expect(Number.isInteger(out.lo) && out.lo >= 0 && Number.isInteger(out.hi) && out.hi >= 0).toBe(true);
  return `${out.lo}:${out.hi}`;
}

describe('hashMessage', () => {
  it('hashMessage changes with any single bit of the bytes and with the topic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (bytes, at) => {
        const changed = bytes.slice();
        changed[at % bytes.length]! ^= 1 << (at % 8);
        expect(hash('t', changed)).not.toBe(hash('t', bytes));
        expect(hash('u', bytes)).not.toBe(hash('t', bytes));
        expect(hash('t', bytes.slice())).toBe(hash('t', bytes));
      }),
    );
  });

  it('hashMessage has no collision among 20,000 readings that differ in few digits, in neither lane', () => {
    const encoder = new TextEncoder();
    const seen = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (let i = 0; i < 20_000; i++) {
      const text = hash('things/a/observations', encoder.encode(`{"results":{"pm25":${i / 10}}}`));
      const [lo, hi] = text.split(':');
      seen[0]!.add(text);
      seen[1]!.add(lo!);
      seen[2]!.add(hi!);
    }
    expect(seen[0]!.size).toBe(20_000);
    // One 32-bit lane of 20,000 values has 0.05 collisions on average.
    expect(seen[1]!.size).toBeGreaterThan(19_996);
    expect(seen[2]!.size).toBeGreaterThan(19_996);
  });

  it('hashMessage tells trailing zeros apart', () => {
    const seen = new Set([0, 1, 2, 3, 4, 5].map((n) => hash('t', new Uint8Array(n))));
    expect(seen.size).toBe(6);
  });
});
