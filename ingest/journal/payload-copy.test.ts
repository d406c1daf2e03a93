import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyPayload } from './payload-copy.ts';

it('copyPayload: copies hold what they were given, whatever is copied or written after them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { maxLength: 60 }), (lengths) => {
      const source = new Uint8Array(5000);
      const copies = lengths.map((length, i) => {
        source.fill(i % 251);
        return copyPayload(source.subarray(0, length));
      });
      source.fill(255);
      copies.forEach((copy, i) => {
        expect(copy.length).toBe(lengths[i]);
        expect(copy.every((byte) => byte === i % 251)).toBe(true);
      });
    }),
  );
});
