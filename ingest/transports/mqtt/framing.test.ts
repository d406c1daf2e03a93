import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameReader } from './framing.ts';
import { REFUSAL_HEAD_BYTES } from './limits.ts';

function publish(topic: string, payload: Buffer, messageId: number, mqtt5 = false): Buffer {
  return generate(
    {
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      dup: false,
      retain: false,
      messageId,
      ...(mqtt5 ? { properties: { contentType: 'text/plain', userProperties: { a: 'b' } } } : {}),
    },
    { protocolVersion: mqtt5 ? 5 : 4 },
  );
}

/** Feeds `stream` in pieces of the given sizes, again and again, and pulls all frames. */
function read(reader: FrameReader, stream: Buffer, sizes: readonly number[]): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0, piece = 0; at < stream.length; piece++) {
    const size = sizes[piece % sizes.length]!;
    reader.append(Buffer.from(stream.subarray(at, at + size)));
    at += size;
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      frames.push(frame.kind === 'packet' ? { kind: 'packet', bytes: Buffer.from(frame.bytes) } : frame);
      if (frame.kind === 'broken') return frames;
    }
  }
  return frames;
}

const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 });

describe('FrameReader', () => {
  it('finds the same packets however the stream is cut, and streams past those above the limit', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lengths, sizes, fc.boolean(), (payloads, cuts, mqtt5) => {
        const packets = payloads.map((length, index) =>
          publish('t/x', Buffer.alloc(length, index + 1), index + 1, mqtt5),
        );
        const reader = new FrameReader(400);
        reader.skipOversize = true;
        reader.mqtt5 = mqtt5;
        const frames = read(reader, Buffer.concat(packets), cuts);
        const expected = packets.map((bytes, index): Frame => {
          if (bytes.length <= 400) return { kind: 'packet', bytes };
          const payload = Buffer.alloc(payloads[index]!, index + 1);
          return {
            kind: 'oversize',
            publish: {
              qos: 1,
              dup: false,
              topic: Buffer.from('t/x'),
              packetId: index + 1,
              head: payload,
              payloadLength: payload.length,
              sha256: createHash('sha256').update(payload).digest('hex'),
            },
          };
        });
        expect(frames).toEqual(expected);
        expect(reader.heldBytes).toBe(0);
      }),
    );
  });

  it('holds less than 256 KiB of a 10 MB packet, keeps its first 64 KiB and hashes all of it', () => {
    const reader = new FrameReader(100_000);
    reader.skipOversize = true;
    const payload = Buffer.alloc(10_000_000, 'abcdefg');
    const stream = publish('things/d1/o', payload, 3);
    let most = 0;
    let found: Frame | undefined;
    for (let at = 0; at < stream.length; at += 65_536) {
      reader.append(stream.subarray(at, at + 65_536));
      found = reader.next();
      most = Math.max(most, reader.heldBytes);
    }
    expect(most).toBeLessThan(256 * 1024);
    expect(most).toBeGreaterThan(0);
    expect(found).toMatchObject({
      kind: 'oversize',
      publish: {
        packetId: 3,
        payloadLength: 10_000_000,
        sha256: createHash('sha256').update(payload).digest('hex'),
        head: payload.subarray(0, REFUSAL_HEAD_BYTES),
      },
    });
  });

  it('holds no more than twice what came of a packet that only drips', () => {
    const reader = new FrameReader(1_000_000);
    reader.append(Buffer.from([0x30, 0xc0, 0x84, 0x3d])); // announces 1,000,000 bytes
    reader.maxBytes = 2_000_000;
    for (let index = 0; index < 10_000; index++) {
      reader.append(Buffer.from([1]));
      expect(reader.next()).toBeUndefined();
    }
    expect(reader.heldBytes).toBeLessThanOrEqual(20_000);
  });

  it('breaks on a remaining length of five bytes and on a large packet that is no PUBLISH', () => {
    const long = new FrameReader(1000);
    long.append(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]));
    expect(long.next()).toMatchObject({ kind: 'broken', fault: 'malformed' });
    const subscribe = new FrameReader(1000);
    subscribe.skipOversize = true;
    subscribe.append(Buffer.from([0x82, 0xff, 0x7f]));
    expect(subscribe.next()).toMatchObject({ kind: 'broken', fault: 'packet-too-large' });
  });

  it('breaks on an oversized packet whose topic is longer than the packet', () => {
    const reader = new FrameReader(10);
    reader.skipOversize = true;
    reader.append(Buffer.concat([Buffer.from([0x30, 100, 0xff, 0xff]), Buffer.alloc(98)]));
    expect(reader.next()).toMatchObject({ kind: 'broken', fault: 'malformed' });
  });
});
