import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntryBody } from '../../model/index.ts';
import { atOnce } from '../../turns.ts';
import { ByteSink, decodeEntry, encodeEntry, FRAME_BYTES } from '../entry-codec.ts';
import { hashMessage } from '../hash64.ts';
import { arbitraryBody, message } from '../journal-fixtures.ts';
import { DecodedBlock } from './block-decoder.ts';
import { BlockEncoder } from './block-encoder.ts';
import { ByteReader, ByteWriter } from './byte-codec.ts';
import { readPayloads, TemplateWriter } from './digit-templates.ts';

interface Keyed {
  readonly body: JournalEntryBody;
  /** Undefined: not keyed. `own`: the hash of the message itself. */
  readonly hash: { lo: number; hi: number } | 'own' | undefined;
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const arbitraryKeyed: fc.Arbitrary<Keyed> = fc.record({
  body: arbitraryBody,
  hash: fc.oneof(fc.constant(undefined), fc.constant('own' as const), fc.record({ lo: u32, hi: u32 })),
});

/** Encodes entries as a segment has them, then as a block, then as entries again. */
function roundTrip(entries: readonly Keyed[]) {
  const sink = new ByteSink(64);
  const encoder = new BlockEncoder(100);
  const expected = entries.map(({ body, hash: wish }, i) => {
    const start = sink.length;
    const hash = { lo: 0, hi: 0 };
    if (wish === 'own' && body.kind === 'message' && body.raw.origin.transport === 'mqtt') {
      hashMessage(body.raw.origin.topic, body.raw.bytes, hash);
    } else if (typeof wish === 'object') Object.assign(hash, wish);
    // Keys are of MQTT messages alone.
    const mqtt =
      body.kind !== 'control' && body.kind !== 'redelivery' && body.raw.origin.transport === 'mqtt';
    encodeEntry(sink, body, 7, i % 3 === 0, mqtt && wish !== undefined ? hash : undefined, 100 + i);
    encoder.add(sink.buffer, start + FRAME_BYTES, sink.length);
    return {
      entry: decodeEntry(sink.buffer, start + FRAME_BYTES, sink.length, 100 + i),
      hash: mqtt && wish !== undefined ? hash : undefined,
    };
  });
  const block = encoder.finish();
  return { expected, block, decoded: new DecodedBlock(block.columns, block.first) };
}

describe('BlockEncoder and DecodedBlock', () => {
  it('DecodedBlock gives back every kind of entry, its key, and the checksum of the bodies as they were', () => {
    fc.assert(
      fc.property(fc.array(arbitraryKeyed, { minLength: 1, maxLength: 12 }), (entries) => {
        const { expected, block, decoded } = roundTrip(entries);
        expect(decoded.count).toBe(entries.length);
        expect(atOnce(decoded.checksum())).toBe(block.checksum);
        expected.forEach(({ entry, hash }, i) => {
          expect(decoded.entry(i)).toEqual(entry);
          const told = { lo: 0, hi: 0 };
          expect(decoded.key(i, told) === undefined).toBe(hash === undefined);
          if (hash !== undefined) expect(told).toEqual(hash);
        });
        expect(block.controls).toEqual(
          expected.flatMap(({ entry }) => (entry.kind === 'control' ? [entry.position] : [])),
        );
      }),
    );
  });

  it('DecodedBlock tells more than 256 clients apart', () => {
    const entries = Array.from({ length: 700 }, (_, i) => ({
      body: message(`{"n":${i}}`, { principal: `p${i % 300}`, clientId: `c${i % 300}`, packetId: i }),
      hash: 'own' as const,
    }));
    const { expected, decoded } = roundTrip(entries);
    expect(entries.map((_, i) => decoded.entry(i))).toEqual(expected.map(({ entry }) => entry));
  });

  it('checksum tells a block that says something else', () => {
    const one = roundTrip([{ body: message('{"a":1}'), hash: 'own' }]);
    const other = roundTrip([{ body: message('{"a":2}'), hash: 'own' }]);
    expect(atOnce(other.decoded.checksum())).not.toBe(one.block.checksum);
  });
});

describe('TemplateWriter and readPayloads', () => {
  const digits = fc
    .array(fc.constantFrom(...'0123456789.,-{}":x'), { maxLength: 60 })
    .map((chars) => chars.join(''));
  const payload = fc.oneof(
    digits.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 200, max: 300 }).map((length) => Buffer.alloc(length, '7')),
    fc.constant(Buffer.alloc(5000, '{"a":12}')),
  );

  it('readPayloads gives back any bytes, with runs of digits of any length and with none', () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 20 }), (payloads) => {
        const writer = new TemplateWriter();
        for (const one of payloads) writer.add(one, 0, one.length);
        const out = new ByteWriter(16);
        writer.finish(out);
        const input = new ByteReader(out.buffer);
        const { bytes, offsets } = readPayloads(input, payloads.length);
        expect(input.at).toBe(out.length);
        payloads.forEach((one, i) => {
          expect(one.equals(bytes.subarray(offsets[i]!, offsets[i + 1]!))).toBe(true);
        });
      }),
    );
  });

  it('readPayloads gives back more shapes than a block keeps templates of', () => {
    const payloads = Array.from({ length: 1500 }, (_, i) => Buffer.from(`${'x'.repeat(i % 1400)}5${i}`));
    const writer = new TemplateWriter();
    for (const one of payloads) writer.add(one, 0, one.length);
    const out = new ByteWriter(16);
    writer.finish(out);
    const { bytes, offsets } = readPayloads(new ByteReader(out.buffer), payloads.length);
    expect(payloads.every((one, i) => one.equals(bytes.subarray(offsets[i]!, offsets[i + 1]!)))).toBe(true);
  });
});
