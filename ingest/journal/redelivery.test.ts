import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashMessage } from './hash64.ts';
import { createRedeliveryRecogniser } from './redelivery.ts';

const encoder = new TextEncoder();
function hash(text: string) {
  const out = { lo: 0, hi: 0 };
  hashMessage('things/a/observations', encoder.encode(text), out);
  return out;
}

describe('createRedeliveryRecogniser', () => {
  it('find gives the position of the same client, packet id and bytes, and nothing else', () => {
    const ring = createRedeliveryRecogniser(8);
    ring.remember('a', 7, hash('x'), 100);
    expect(ring.find('a', 7, hash('x'))).toBe(100);
    expect(ring.find('a', 7, hash('y'))).toBeUndefined();
    expect(ring.find('a', 8, hash('x'))).toBeUndefined();
    expect(ring.find('b', 7, hash('x'))).toBeUndefined();
  });

  it('find lets the newest entry of a packet id win', () => {
    const ring = createRedeliveryRecogniser(8);
    ring.remember('a', 7, hash('x'), 100);
    ring.remember('a', 7, hash('y'), 101);
    expect(ring.find('a', 7, hash('x'))).toBeUndefined();
    expect(ring.find('a', 7, hash('y'))).toBe(101);
  });

  it('rollBack forgets what the disk refused and brings back what stood before', () => {
    const ring = createRedeliveryRecogniser(8);
    ring.remember('a', 1, hash('x'), 10);
    ring.remember('a', 1, hash('y'), 11);
    ring.remember('b', 1, hash('y'), 12);
    ring.rollBack(11);
    expect(ring.find('a', 1, hash('x'))).toBe(10);
    expect(ring.find('b', 1, hash('y'))).toBeUndefined();
    expect(ring.clients).toBe(1);
  });

  it('find answers as a plain list does, over wrapped rings, long chains and roll-backs', () => {
    const step = fc.record({
      act: fc.constantFrom('remember', 'remember', 'remember', 'find', 'back'),
      client: fc.constantFrom('a', 'b', 'c'),
      packetId: fc.integer({ min: 1, max: 6 }),
      text: fc.constantFrom('x', 'y'),
    });
    fc.assert(
      fc.property(fc.constantFrom(3, 16, 600), fc.array(step, { maxLength: 900 }), (capacity, steps) => {
        const ring = createRedeliveryRecogniser(capacity);
        let list: { client: string; packetId: number; text: string; position: number }[] = [];
        let position = 0;
        for (const { act, client, packetId, text } of steps) {
          if (act === 'remember') {
            ring.remember(client, packetId, hash(text), position);
            list.push({ client, packetId, text, position });
            list = list.slice(-capacity);
            position++;
          } else if (act === 'back') {
            position = Math.max(0, position - 2);
            ring.rollBack(position);
            list = list.filter((entry) => entry.position < position);
          } else {
            const last = list.findLast((entry) => entry.client === client && entry.packetId === packetId);
            expect(ring.find(client, packetId, hash(text))).toBe(
              last?.text === text ? last.position : undefined,
            );
          }
        }
        expect(ring.size).toBe(list.length);
        expect(ring.clients).toBe(new Set(list.map((entry) => entry.client)).size);
      }),
      { numRuns: 60 },
    );
  });

  it('find on a client with a long chain still sees entries remembered after its map was built', () => {
    const ring = createRedeliveryRecogniser(2000);
    for (let i = 0; i < 1500; i++) ring.remember('a', 1 + (i % 700), hash(`m${i}`), i);
    expect(ring.find('a', 1 + (1400 % 700), hash('m1400'))).toBe(1400);
    ring.remember('a', 5, hash('new'), 1500);
    expect(ring.find('a', 5, hash('new'))).toBe(1500);
    for (let i = 0; i < 2000; i++) ring.remember('b', 1, hash(`b${i}`), 1501 + i);
    expect(ring.find('a', 5, hash('new'))).toBeUndefined();
    expect(ring.clients).toBe(1);
  });
});
