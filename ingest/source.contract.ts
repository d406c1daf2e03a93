/** What every source keeps, whatever it reads. Run over the registry by `registry.test.ts`. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type RawRecord,
  REJECTION_CODES,
  type RecordOutcome,
  type Source,
  type SourceExample,
} from './model/index.ts';
import { EXAMPLE_CONTEXT, EXAMPLE_GATEWAY, EXAMPLE_RECEIVED_AT } from './sources/example-context.ts';

/** An example as it would come through a door. */
export function exampleRecord(
  source: Source,
  example: SourceExample,
  bytes = exampleBytes(example),
): RawRecord {
  const { topic, mappingId } = example;
  const principal =
    example.principal ??
    /^(?:things\/)?([^/]+)\/(?:observations|onvif)/.exec(topic ?? '')?.[1] ??
    EXAMPLE_GATEWAY;
  return {
    sourceId: source.id,
    ...(mappingId === undefined ? {} : { mappingId }),
    receivedAt: EXAMPLE_RECEIVED_AT,
    bytes,
    origin:
      topic === undefined
        ? { transport: 'file', principal, delivery: '0-example', fileName: 'example', chunk: 0, firstRow: 1 }
        : { transport: 'mqtt', principal, clientId: principal, topic, qos: 1, packetId: 1, dup: false },
  };
}

/** UTF-8 of the example's text, or the bytes after `hex:`. */
export function exampleBytes(example: SourceExample): Uint8Array {
  return example.bytes.startsWith('hex:')
    ? Uint8Array.from(Buffer.from(example.bytes.slice(4).replaceAll(' ', ''), 'hex'))
    : new TextEncoder().encode(example.bytes);
}

/** Runs the contract over one source. */
export function sourceContract(id: string, source: Source): void {
  const decode = (raw: RawRecord) => source.decode(raw, EXAMPLE_CONTEXT);

  describe(`source ${id}`, () => {
    it('is registered under its own id and carries a good and a refused example', () => {
      expect(source.id).toBe(id);
      expect(source.examples.some((example) => 'items' in example.gives && example.gives.items > 0)).toBe(
        true,
      );
      expect(source.examples.some((example) => 'refuses' in example.gives)).toBe(true);
      expect(new Set(source.examples.map((example) => example.name)).size).toBe(source.examples.length);
    });

    for (const example of source.examples) {
      it(`example: ${example.name}`, () => {
        const outcomes = decode(exampleRecord(source, example));
        const items = outcomes.flatMap((outcome) => outcome.items);
        const rejections = outcomes.flatMap((outcome) => outcome.rejections);
        if ('refuses' in example.gives) expect(rejections[0]?.code).toBe(example.gives.refuses);
        else {
          expect(rejections).toEqual([]);
          expect(items).toHaveLength(example.gives.items);
        }
        checkOutcomes(outcomes);
      });
    }

    it('gives the same answer twice and leaves the bytes alone', () => {
      for (const example of source.examples) {
        const raw = exampleRecord(source, example);
        const before = Uint8Array.from(raw.bytes);
        expect(decode(raw)).toEqual(decode(exampleRecord(source, example)));
        expect(raw.bytes).toEqual(before);
      }
    });

    it('never throws on random bytes, and says why it refuses', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...source.examples),
          fc.uint8Array({ maxLength: 300 }),
          (example, bytes) => {
            checkOutcomes(decode(exampleRecord(source, example, bytes)));
          },
        ),
        { numRuns: 200 },
      );
    });

    it('never throws on examples with bytes changed, cut or repeated', () => {
      const damage = fc.record({
        example: fc.constantFrom(...source.examples),
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        insert: fc.uint8Array({ maxLength: 8 }),
        remove: fc.nat({ max: 8 }),
      });
      fc.assert(
        fc.property(damage, ({ example, at, insert, remove }) => {
          const whole = exampleBytes(example);
          const from = Math.floor(at * whole.length);
          const bytes = Uint8Array.from([
            ...whole.subarray(0, from),
            ...insert,
            ...whole.subarray(from + remove),
          ]);
          checkOutcomes(decode(exampleRecord(source, example, bytes)));
        }),
        { numRuns: 300 },
      );
    });

    it('never throws on JSON of any shape', () => {
      fc.assert(
        fc.property(fc.constantFrom(...source.examples), fc.json({ maxDepth: 5 }), (example, text) => {
          checkOutcomes(decode(exampleRecord(source, example, new TextEncoder().encode(text))));
        }),
        { numRuns: 200 },
      );
    });
  });
}

/** Accounts can be kept of every outcome: something was kept or something was refused, and every figure is finite. */
function checkOutcomes(outcomes: readonly RecordOutcome[]): void {
  for (const { dataset, items, rejections } of outcomes) {
    expect(items.length + rejections.length).toBeGreaterThan(0);
    if (items.length > 0) expect(EXAMPLE_CONTEXT.dataset(dataset)).toBeDefined();
    for (const rejection of rejections) {
      expect(REJECTION_CODES).toContain(rejection.code);
      expect(rejection.message).toMatch(/^["A-Z].*[^.]$/s);
      expect(rejection.readings).toBeGreaterThanOrEqual(0);
    }
    for (const item of items) {
      if (item.kind === 'observation') {
        const property = EXAMPLE_CONTEXT.property(item.property, dataset);
        expect(property).toBeDefined();
        expect(item.result).toBeGreaterThanOrEqual(property?.min ?? Number.NaN);
        expect(item.result).toBeLessThanOrEqual(property?.max ?? Number.NaN);
      } else expect(item.key.length).toBeGreaterThan(0);
      if (item.kind !== 'feature' && item.position !== undefined) {
        expect(Math.abs(item.position.lonDeg)).toBeLessThanOrEqual(180);
        expect(Math.abs(item.position.latDeg)).toBeLessThanOrEqual(90);
      }
      if (item.kind === 'event') expect(Number.isFinite(item.start)).toBe(true);
    }
  }
}
