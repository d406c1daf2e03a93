import { OversizePublish, type OversizePublishHead } from './oversize-publish.ts';

/** What the stream of bytes holds next. */
export type Frame =
  /** One whole control packet, fixed header included. May be a view of the network buffer. */
  | { readonly kind: 'packet'; readonly bytes: Buffer }
  /** A PUBLISH over the limit, streamed past. */
  | { readonly kind: 'oversize'; readonly publish: OversizePublishHead }
  /** The stream cannot be followed any further: close it. */
  | { readonly kind: 'broken'; readonly fault: 'malformed' | 'packet-too-large'; readonly message: string };

const PUBLISH = 3;
/** First size of the buffer of a packet that comes in pieces; it doubles, so drips of one byte cost no more than their bytes. */
const FIRST_PARTIAL_BYTES = 4096;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a byte stream into control packets before any parser sees them, so that no packet above the limit is ever held.
 * Pulled, not pushed: whoever stops pulling has stopped reading.
 */
export class FrameReader {
  /** Largest packet handed out whole, bytes; may be changed between packets. */
  maxBytes: number;
  /** Whether a PUBLISH above the limit is streamed past; otherwise it breaks the connection. */
  skipOversize = false;
  /** Whether PUBLISH has properties; known after CONNECT. */
  mqtt5 = false;
  #rest: Buffer = EMPTY;
  #partial: { buffer: Buffer; length: number; readonly need: number } | undefined;
  #oversize: OversizePublish | undefined;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of an incomplete packet that are held. */
  get heldBytes(): number {
    return (this.#partial?.buffer.length ?? 0) + (this.#oversize?.heldBytes ?? 0);
  }

  append(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** The next frame, or undefined when more bytes are needed. */
  next(): Frame | undefined {
    if (this.#oversize !== undefined) return this.#skip(this.#oversize);
    if (this.#partial !== undefined) return this.#fill(this.#partial);
    const header = readFixedHeader(this.#rest);
    if (header === 'more') return undefined;
    if (header === 'broken') return broken('malformed', 'Remaining length has more than four bytes');
    const need = header.size + header.remaining;
    if (need > this.maxBytes) {
      if (header.type !== PUBLISH || !this.skipOversize)
        return broken('packet-too-large', `Packet has ${need} bytes: at most ${this.maxBytes} are taken`);
      if ((header.flags & 6) === 6) return broken('malformed', 'QoS 3 does not exist');
      this.#rest = this.#rest.subarray(header.size);
      this.#oversize = new OversizePublish(header.flags, header.remaining, this.mqtt5);
      return this.#skip(this.#oversize);
    }
    if (this.#rest.length >= need) {
      const bytes = this.#take(need);
      return { kind: 'packet', bytes };
    }
    this.#partial = { buffer: Buffer.allocUnsafe(Math.min(need, FIRST_PARTIAL_BYTES)), length: 0, need };
    return this.#fill(this.#partial);
  }

  #take(count: number): Buffer {
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.length === count ? EMPTY : this.#rest.subarray(count);
    return bytes;
  }

  #fill(partial: { buffer: Buffer; length: number; readonly need: number }): Frame | undefined {
    const bytes = this.#take(Math.min(this.#rest.length, partial.need - partial.length));
    const length = partial.length + bytes.length;
    if (length > partial.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.min(partial.need, Math.max(length, partial.buffer.length * 2)));
      partial.buffer.copy(grown, 0, 0, partial.length);
      partial.buffer = grown;
    }
    bytes.copy(partial.buffer, partial.length);
    partial.length = length;
    if (length < partial.need) return undefined;
    this.#partial = undefined;
    return { kind: 'packet', bytes: partial.buffer.subarray(0, length) };
  }

  #skip(oversize: OversizePublish): Frame | undefined {
    const bytes = this.#take(Math.min(this.#rest.length, oversize.remaining));
    if (bytes.length > 0 && !oversize.push(bytes))
      return broken('malformed', 'Topic or properties of an oversized packet are broken');
    if (oversize.remaining > 0) return undefined;
    this.#oversize = undefined;
    return { kind: 'oversize', publish: oversize.finish() };
  }
}

function broken(fault: 'malformed' | 'packet-too-large', message: string): Frame {
  return { kind: 'broken', fault, message };
}

/** Fixed header (section 2.1): type, flags, remaining length of one to four bytes. */
function readFixedHeader(
  bytes: Buffer,
): { type: number; flags: number; remaining: number; size: number } | 'more' | 'broken' {
  const first = bytes[0];
  if (first === undefined) return 'more';
  let remaining = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return 'more';
    remaining += (byte & 0x7f) << (7 * (index - 1));
    if (byte < 0x80) return { type: first >> 4, flags: first & 15, remaining, size: index + 1 };
  }
  return 'broken';
}
