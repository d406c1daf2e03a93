import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeLiveFrame,
  encodeLiveFrame,
  type LiveColumn,
  LiveFrameError,
  type LiveHeader,
} from './index.ts';

const header: Omit<LiveHeader, 'columns'> = {
  type: 'zones',
  seq: 7,
  position: 120,
  head: 123,
  serverTime: 1_790_000_000_000,
  committedAt: 1_790_000_000_000 - 40,
  full: true,
  zones: { dggrs: 'beidou2d', level: 4, property: 'pm25' },
};

const column: fc.Arbitrary<LiveColumn> = fc.oneof(
  fc.bigUint64Array(),
  fc.float64Array(),
  fc.float32Array(),
  fc.uint32Array(),
  fc.uint8Array(),
);

describe('encodeLiveFrame / decodeLiveFrame', () => {
  it('decodeLiveFrame gives back any header text and any columns, at any offset in a larger buffer', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), column, { maxKeys: 5 }),
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 9 }),
        (columns, text, shift) => {
          const wanted = { ...header, ids: [text] };
          const bytes = encodeLiveFrame(wanted, columns);
          expect(bytes.byteLength % 8).toBe(0);
          const inside = new Uint8Array(bytes.length + shift + 3);
          inside.set(bytes, shift);
          const got = decodeLiveFrame(inside.subarray(shift, shift + bytes.length));
          const { columns: described, ...rest } = got.header;
          expect(rest).toEqual(wanted);
          expect(described.map((c) => c.name)).toEqual(Object.keys(columns));
          for (const [name, c] of Object.entries(columns)) {
            expect(got.columns[name]).toEqual(c);
            expect(got.columns[name]?.constructor).toBe(c.constructor);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('decodeLiveFrame makes views, not copies, of an aligned frame', () => {
    const bytes = encodeLiveFrame(header, { id: BigUint64Array.of(1n, 2n), mean: Float32Array.of(1.5) });
    expect(decodeLiveFrame(bytes.buffer).columns.id?.buffer).toBe(bytes.buffer);
  });

  it('the layout is the documented one, byte for byte', () => {
    const bytes = encodeLiveFrame(header, { mean: Float32Array.of(1.5), count: Uint32Array.of(9) });
    const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
    const start = Math.ceil((4 + headerBytes) / 8) * 8;
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerBytes))).seq).toBe(7);
    expect(bytes.length).toBe(start + 16);
    expect([...bytes.subarray(start, start + 4)]).toEqual([0, 0, 0xc0, 0x3f]);
    expect([...bytes.subarray(start + 4, start + 12)]).toEqual([0, 0, 0, 0, 9, 0, 0, 0]);
  });

  it('decodeLiveFrame refuses every cut frame with a code and reads no byte beyond it', () => {
    const bytes = encodeLiveFrame(header, { id: BigUint64Array.of(1n, 2n) });
    for (let n = 0; n < bytes.length; n++)
      expect(() => decodeLiveFrame(bytes.slice(0, n)), `at ${n}`).toThrow(LiveFrameError);
    const noise = bytes.slice();
    new DataView(noise.buffer).setUint32(0, 0xffffffff, true);
    expect(() => decodeLiveFrame(noise)).toThrow(/limit/);
  });
});
