/** A block's columns as entries again. */
import type { JournalEntry, Position } from '../../model/index.ts';
import type { Steps } from '../../turns.ts';
import { BODY_HEADER_BYTES, FLAG_KEYED } from '../entry-codec.ts';
import { type EntryHead, entryOf, HeadCache, KINDS } from '../entry-heads.ts';
import { type Hash64, hashMessage } from '../hash64.ts';
import { copyPayload } from '../payload-copy.ts';
import { bodyChecksum, FLAG_HASH_FOLLOWS } from './block-encoder.ts';
import { ByteReader } from './byte-codec.ts';
import { type Payloads, readPayloads } from './digit-templates.ts';

/** Entries checked between two rests. */
const STEP_ENTRIES = 128;

interface BlockHead {
  readonly kind: number;
  readonly flags: number;
  /** Where its texts stand in the columns, the client's before the meta's. */
  readonly clientStart: number;
  readonly clientEnd: number;
  readonly metaEnd: number;
  parsed: EntryHead | undefined;
}

/** Heads of all blocks: clients come again. */
const heads = new HeadCache();

/** The entries of a block, by their number in it. Holds about as many bytes as they had. */
export class DecodedBlock {
  readonly first: Position;
  readonly count: number;
  readonly instants: Float64Array;
  readonly #columns: Buffer;
  readonly #heads: BlockHead[];
  readonly #headOf: Uint16Array;
  readonly #packetIds: Uint16Array;
  /** Low and high of the hashes that were kept, by entry. */
  readonly #hashes = new Map<number, readonly [lo: number, hi: number]>();
  readonly #payloads: Payloads;

  /** @param columns - As `BlockEncoder` gave them; their checksum has been verified. */
  constructor(columns: Buffer, first: Position) {
    const input = new ByteReader(columns);
    this.#columns = columns;
    this.first = first;
    const count = input.varint();
    this.count = count;
    this.#heads = readHeads(input);
    this.#headOf = readHeadNumbers(input, count, this.#heads.length > 256);
    this.#packetIds = this.#readPacketIds(input);
    this.instants = readInstants(input, count);
    for (let i = 0; i < count; i++) {
      const { flags } = this.#heads[this.#headOf[i]!]!;
      if ((flags & FLAG_KEYED) !== 0 && (flags & FLAG_HASH_FOLLOWS) === 0)
        this.#hashes.set(i, [input.u32(), input.u32()]);
    }
    this.#payloads = readPayloads(input, count);
  }

  /** Bytes of the payload of entry `i`. */
  payloadBytes(i: number): number {
    return this.#payloads.offsets[i + 1]! - this.#payloads.offsets[i]!;
  }

  isControl(i: number): boolean {
    return KINDS[this.#heads[this.#headOf[i]!]!.kind - 1] === 'control';
  }

  /** Entry `i`, its payload a copy. */
  entry(i: number): JournalEntry {
    const head = this.#headAt(i);
    return entryOf(head, this.instants[i]!, this.#packetIds[i]!, this.#copyOf(i, head), this.first + i);
  }

  /** What a redelivery of entry `i` is told by; undefined where there is no such thing. */
  key(i: number, hash: Hash64): { readonly client: string; readonly packetId: number } | undefined {
    const { flags } = this.#heads[this.#headOf[i]!]!;
    if ((flags & FLAG_KEYED) === 0) return undefined;
    const head = this.#headAt(i);
    this.#hashOf(i, head, hash);
    return { client: head.client, packetId: this.#packetIds[i]! };
  }

  /** `bodyChecksum` over all entries, in steps: what the encoder told of those it was given. */
  *checksum(): Steps<number> {
    let sum = 0;
    let body = Buffer.allocUnsafeSlow(4096);
    const hash: Hash64 = { lo: 0, hi: 0 };
    for (let i = 0; i < this.count; i++) {
      const { kind, flags, clientStart, clientEnd, metaEnd: headEnd } = this.#heads[this.#headOf[i]!]!;
      const metaEnd = BODY_HEADER_BYTES + headEnd - clientStart;
      const end = metaEnd + this.payloadBytes(i);
      if (end > body.length) body = Buffer.allocUnsafeSlow(end * 2);
      hash.lo = 0;
      hash.hi = 0;
      if ((flags & FLAG_KEYED) !== 0) this.#hashOf(i, this.#headAt(i), hash);
      body[0] = kind;
      body[1] = flags & FLAG_KEYED;
      body.writeUInt16LE(this.#packetIds[i]!, 2);
      body.writeUInt32LE(headEnd - clientEnd, 4);
      body.writeDoubleLE(this.instants[i]!, 8);
      body.writeUInt32LE(hash.lo, 16);
      body.writeUInt32LE(hash.hi, 20);
      body.writeUInt16LE(clientEnd - clientStart, 24);
      body.writeUInt16LE(0, 26);
      this.#columns.copy(body, BODY_HEADER_BYTES, clientStart, headEnd);
      this.#payloads.bytes.copy(body, metaEnd, this.#payloads.offsets[i]!, this.#payloads.offsets[i + 1]!);
      sum = bodyChecksum(body, 0, end, sum);
      if (i % STEP_ENTRIES === 0) yield;
    }
    return sum;
  }

  #headAt(i: number): EntryHead {
    const head = this.#heads[this.#headOf[i]!]!;
    head.parsed ??= heads.at(
      this.#columns,
      head.kind,
      head.clientStart,
      head.clientEnd,
      head.metaEnd,
      this.first + i,
    );
    return head.parsed;
  }

  /** Bytes of their own: the block lives no longer than it is read. */
  #copyOf(i: number, head: EntryHead): Uint8Array {
    const view = this.#payloads.bytes.subarray(this.#payloads.offsets[i]!, this.#payloads.offsets[i + 1]!);
    return head.kind === 'control' ? view : copyPayload(view);
  }

  #hashOf(i: number, head: EntryHead, hash: Hash64): void {
    const kept = this.#hashes.get(i);
    if (kept !== undefined) {
      [hash.lo, hash.hi] = kept;
      return;
    }
    const topic = head.meta.o?.transport === 'mqtt' ? head.meta.o.topic : '';
    const { bytes, offsets } = this.#payloads;
    hashMessage(topic, bytes.subarray(offsets[i]!, offsets[i + 1]!), hash);
  }

  #readPacketIds(input: ByteReader): Uint16Array {
    const packetIds = new Uint16Array(this.count);
    const last = new Uint16Array(this.#heads.length);
    for (let i = 0; i < this.count; i++) {
      const head = this.#headOf[i]!;
      last[head] = last[head]! + input.varint();
      packetIds[i] = last[head]!;
    }
    return packetIds;
  }
}

function readHeads(input: ByteReader): BlockHead[] {
  const shapes = Array.from({ length: input.varint() }, () => ({
    kind: input.byte(),
    flags: input.byte(),
    clientBytes: input.varint(),
    metaBytes: input.varint(),
  }));
  return shapes.map(({ kind, flags, clientBytes, metaBytes }) => {
    const clientStart = input.skip(clientBytes + metaBytes);
    const clientEnd = clientStart + clientBytes;
    return { kind, flags, clientStart, clientEnd, metaEnd: clientEnd + metaBytes, parsed: undefined };
  });
}

function readHeadNumbers(input: ByteReader, count: number, wide: boolean): Uint16Array {
  const low = input.skip(count);
  const high = wide ? input.skip(count) : 0;
  const numbers = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    numbers[i] = input.buffer[low + i]! | (wide ? input.buffer[high + i]! << 8 : 0);
  }
  return numbers;
}

function readInstants(input: ByteReader, count: number): Float64Array {
  const instants = new Float64Array(count);
  const whole = input.byte() === 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (whole) {
      const step = input.varint();
      at += step % 2 === 1 ? -(step + 1) / 2 : step / 2;
      instants[i] = at;
    } else instants[i] = input.double();
  }
  return instants;
}
