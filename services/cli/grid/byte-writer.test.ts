import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';

fc.configureGlobal({ seed: 39_409 });

const written = (write: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  write(out);
  return Buffer.from(out.take()).toString('utf8');
};

describe('ByteWriter', () => {
  it('decimal and hexadecimal: as bigint writes them, for any 64-bit id', () => {
    const edges = fc.constantFrom(
      0n,
      1n,
      999_999_999n,
      10n ** 9n,
      10n ** 18n - 1n,
      10n ** 18n,
      2n ** 32n,
      2n ** 64n - 1n,
    );
    fc.assert(
      fc.property(
        fc.oneof(edges, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 40n })),
        (id) => {
          const words = new Uint32Array(BigUint64Array.of(7n, id).buffer);
          expect(written((out) => out.decimal(words, 1))).toBe(id.toString());
          expect(written((out) => out.hexadecimal(words, 1))).toBe(id.toString(16));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('integer, text and copy: one after another, growing past the first buffer', () => {
    const long = '定西'.repeat(20_000);
    const bytes = Buffer.from('abcdef');
    const text = written((out) => {
      for (const value of [0, -1, 2_147_483_647, -1_887_436_800]) out.integer(value);
      out.text(long);
      out.copy(bytes, 1, 4);
    });
    expect(text).toBe(`0-12147483647-1887436800${long}bcd`);
  });
});
