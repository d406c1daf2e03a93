import { createHash } from 'node:crypto';
import { MAX_VARIABLE_HEADER_BYTES, REFUSAL_HEAD_BYTES } from './limits.ts';

/** A PUBLISH over the packet limit, of which only the beginning was kept. */
export interface OversizePublishHead {
  readonly qos: number;
  readonly dup: boolean;
  readonly topic: Buffer;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** First 64 KiB of the payload. */
  readonly head: Buffer;
  readonly payloadLength: number;
  /** SHA-256 of the whole payload, hex. */
  readonly sha256: string;
}

/**
 * Reads past a PUBLISH that is too large to be held: keeps topic, packet id and the first 64 KiB of the payload, hashes the
 * rest as it passes. Holds at most about 192 KiB, however long the packet is.
 */
export class OversizePublish {
  readonly #flags: number;
  readonly #mqtt5: boolean;
  #remaining: number;
  /** Variable header as far as it came; emptied once understood. */
  #header: Buffer = Buffer.alloc(0);
  #parsed: { topic: Buffer; packetId: number } | undefined;
  readonly #hash = createHash('sha256');
  readonly #kept = Buffer.allocUnsafe(REFUSAL_HEAD_BYTES);
  #keptBytes = 0;
  #payloadLength = 0;

  /**
   * @param flags - Low four bits of the fixed header.
   * @param remaining - Remaining length of the packet, bytes.
   * @param mqtt5 - The packet has properties.
   */
  constructor(flags: number, remaining: number, mqtt5: boolean) {
    this.#flags = flags;
    this.#remaining = remaining;
    this.#mqtt5 = mqtt5;
  }

  /** Bytes of the packet still to come. */
  get remaining(): number {
    return this.#remaining;
  }

  get heldBytes(): number {
    return this.#header.length + this.#kept.length;
  }

  /** Takes the next bytes, at most `remaining`. False when topic and properties are broken or do not end in time. */
  push(bytes: Buffer): boolean {
    this.#remaining -= bytes.length;
    if (this.#parsed !== undefined) {
      this.#payload(bytes);
      return true;
    }
    this.#header = Buffer.concat([this.#header, bytes]);
    const end = this.#parse();
    if (end === 'more') return this.#remaining > 0 && this.#header.length <= MAX_VARIABLE_HEADER_BYTES;
    if (end === 'broken') return false;
    const payload = this.#header.subarray(end);
    this.#header = Buffer.alloc(0);
    this.#payload(payload);
    return true;
  }

  /** The end: call when `remaining` is 0 and every `push` was true. */
  finish(): OversizePublishHead {
    if (this.#parsed === undefined) throw new Error('Cannot finish a packet whose header has not come');
    return {
      qos: (this.#flags >> 1) & 3,
      dup: (this.#flags & 8) !== 0,
      ...this.#parsed,
      head: this.#kept.subarray(0, this.#keptBytes),
      payloadLength: this.#payloadLength,
      sha256: this.#hash.digest('hex'),
    };
  }

  #payload(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#payloadLength += bytes.length;
    this.#keptBytes += bytes.copy(this.#kept, this.#keptBytes);
  }

  /** Offset of the payload, once topic, packet id and properties have come. */
  #parse(): number | 'more' | 'broken' {
    const header = this.#header;
    if (header.length < 2) return 'more';
    const topicEnd = 2 + header.readUInt16BE(0);
    const hasId = (this.#flags & 6) !== 0;
    let at = topicEnd + (hasId ? 2 : 0);
    if (header.length < at) return 'more';
    if (this.#mqtt5) {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        if (shift > 21) return 'broken';
        const byte = header[at++];
        if (byte === undefined) return 'more';
        length += (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      at += length;
      if (at > MAX_VARIABLE_HEADER_BYTES) return 'broken';
      if (header.length < at) return 'more';
    }
    const topic = Buffer.from(header.subarray(2, topicEnd));
    this.#parsed = { topic, packetId: hasId ? header.readUInt16BE(topicEnd) : 0 };
    return at;
  }
}
