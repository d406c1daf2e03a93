import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntryBody } from '../model/index.ts';
import { ByteSink, decodeEntry, encodeEntry, FRAME_BYTES } from './entry-codec.ts';
import { arbitraryBody } from './journal-fixtures.ts';

function roundTrip(bodies: readonly JournalEntryBody[]): unknown[] {
  const sink = new ByteSink(16);
  const spans = bodies.map((body) => {
    const start = sink.length;
    encodeEntry(sink, body, 7, false);
    return [start + FRAME_BYTES, sink.length] as const;
  });
  return spans.map(([start, end], position) => decodeEntry(sink.buffer, start, end, position));
}

describe('encodeEntry and decodeEntry', () => {
  it('decodeEntry gives back every kind of entry that encodeEntry wrote, back to back in one buffer', () => {
    fc.assert(
      fc.property(fc.array(arbitraryBody, { minLength: 1, maxLength: 8 }), (bodies) => {
        const expected = bodies.map((body, position) => ({ ...body, position }));
        expect(roundTrip(bodies)).toEqual(expected);
      }),
    );
  });

  it('decodeEntry copies the bytes out: the buffer may be used again', () => {
    const raw = {
      sourceId: 's',
      origin: { transport: 'http', principal: 'p', requestId: 'r', contentType: 'c' },
      receivedAt: 1,
      bytes: Uint8Array.of(1, 2, 3),
    } as const;
    const sink = new ByteSink(16);
    encodeEntry(sink, { kind: 'message', raw }, 7, false);
    const entry = decodeEntry(sink.buffer, FRAME_BYTES, sink.length, 0);
    sink.buffer.fill(0);
    expect(entry.kind === 'message' && [...entry.raw.bytes]).toEqual([1, 2, 3]);
  });
});
