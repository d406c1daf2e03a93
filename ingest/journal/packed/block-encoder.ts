/**
 * A block of entries as columns, ready to be compressed: heads once each, then what differs from entry to entry, like by
 * like. Length, CRC and salt of the frames fall away, and with them the redelivery hash where it follows from the message.
 *
 *     varint entries | varint heads | a head: u8 kind, u8 flags, varint bytes of client, varint bytes of meta | their texts
 *     low byte of each entry's head | where there are more than 256, the high byte
 *     packet ids: varint of the difference from the last of the same head, modulo 65536
 *     instants: u8 0 and varints (zigzag) of the differences, or u8 1 and doubles
 *     hashes that do not follow: two u32 each | payloads, see digit-templates.ts
 */
import type { Position } from '../../model/index.ts';
import { crc32c } from '../crc32c.ts';
import { BODY_HEADER_BYTES, FLAG_KEYED } from '../entry-codec.ts';
import { type EntryHead, parseHead } from '../entry-heads.ts';
import { type Hash64, hashMessage } from '../hash64.ts';
import { ByteWriter } from './byte-codec.ts';
import { TemplateWriter } from './digit-templates.ts';

/** Bytes of entries a block holds before it is closed: an entry is read by reading its block. */
export const BLOCK_BYTES = 1024 * 1024;
/** Entries of a block at most. */
export const MAX_BLOCK_ENTRIES = 4096;
/** The hash is that of the message's topic and bytes: not kept. */
export const FLAG_HASH_FOLLOWS = 128;

/** Columns of a block and what is told of it beside them. */
export interface EncodedBlock {
  readonly columns: Buffer;
  readonly first: Position;
  readonly count: number;
  readonly minAt: number;
  readonly maxAt: number;
  /** Positions of control entries. */
  readonly controls: readonly Position[];
  /** Sum over the bodies of the entries, as `bodyChecksum` makes it. */
  readonly checksum: number;
}

/**
 * CRC-32C of a body going on from that of the ones before it, but for what a block does not keep: its place in a batch
 * and its number.
 */
export function bodyChecksum(buffer: Buffer, start: number, end: number, before: number): number {
  const flags = buffer[start + 1]!;
  const low = buffer[start + 26]!;
  const high = buffer[start + 27]!;
  buffer[start + 1] = flags & FLAG_KEYED;
  buffer[start + 26] = 0;
  buffer[start + 27] = 0;
  const sum = crc32c(buffer, start, end, before);
  buffer[start + 1] = flags;
  buffer[start + 26] = low;
  buffer[start + 27] = high;
  return sum;
}

/** A head with its kind and flags: what an entry is numbered by. */
interface BlockHead {
  readonly number: number;
  lastPacketId: number;
}

/** The texts of a head, which may stand with several flags. */
interface HeadTexts {
  readonly kind: number;
  readonly clientBytes: number;
  readonly parsed: EntryHead;
  readonly byFlags: Map<number, BlockHead>;
}

const hash: Hash64 = { lo: 0, hi: 0 };

/** Gathers the entries of one block. */
export class BlockEncoder {
  readonly #first: Position;
  readonly #texts = new Map<string, HeadTexts>();
  #heads = 0;
  readonly #headColumns = new ByteWriter(4096);
  readonly #headTexts = new ByteWriter(16 * 1024);
  readonly #headOf = new Uint16Array(MAX_BLOCK_ENTRIES);
  readonly #packetIds = new ByteWriter(MAX_BLOCK_ENTRIES);
  readonly #instants = new Float64Array(MAX_BLOCK_ENTRIES);
  readonly #hashes = new ByteWriter(64);
  readonly #payloads = new TemplateWriter();
  readonly #controls: Position[] = [];
  #count = 0;
  #bytes = 0;
  #checksum = 0;

  constructor(first: Position) {
    this.#first = first;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count >= MAX_BLOCK_ENTRIES || this.#bytes >= BLOCK_BYTES;
  }

  /** Adds the body `buffer[start, end)`, whose checksum has been verified. */
  add(buffer: Buffer, start: number, end: number): void {
    const position = this.#first + this.#count;
    const clientStart = start + BODY_HEADER_BYTES;
    const clientEnd = clientStart + buffer.readUInt16LE(start + 24);
    const metaEnd = clientEnd + buffer.readUInt32LE(start + 4);
    const texts = this.#textsAt(buffer, buffer[start]!, clientStart, clientEnd, metaEnd);
    const flags = this.#flagsOf(buffer, start, end, metaEnd, texts.parsed);
    const head =
      texts.byFlags.get(flags) ?? this.#newHead(texts, flags, buffer, clientStart, clientEnd, metaEnd);
    this.#headOf[this.#count] = head.number;
    const packetId = buffer.readUInt16LE(start + 2);
    this.#packetIds.varint((packetId - head.lastPacketId) & 0xffff);
    head.lastPacketId = packetId;
    this.#instants[this.#count] = buffer.readDoubleLE(start + 8);
    this.#payloads.add(buffer, metaEnd, end);
    if (texts.parsed.kind === 'control') this.#controls.push(position);
    this.#checksum = bodyChecksum(buffer, start, end, this.#checksum);
    this.#bytes += end - start;
    this.#count++;
  }

  finish(): EncodedBlock {
    const instants = this.#instants.subarray(0, this.#count);
    const out = new ByteWriter(512 * 1024);
    out.varint(this.#count);
    out.varint(this.#heads);
    out.bytes(this.#headColumns.buffer, 0, this.#headColumns.length);
    out.bytes(this.#headTexts.buffer, 0, this.#headTexts.length);
    for (let i = 0; i < this.#count; i++) out.byte(this.#headOf[i]! & 255);
    if (this.#heads > 256) for (let i = 0; i < this.#count; i++) out.byte(this.#headOf[i]! >> 8);
    out.bytes(this.#packetIds.buffer, 0, this.#packetIds.length);
    writeInstants(out, instants);
    out.bytes(this.#hashes.buffer, 0, this.#hashes.length);
    this.#payloads.finish(out);
    let minAt = Number.POSITIVE_INFINITY;
    let maxAt = Number.NEGATIVE_INFINITY;
    for (const at of instants) {
      minAt = Math.min(minAt, at);
      maxAt = Math.max(maxAt, at);
    }
    return {
      columns: out.buffer.subarray(0, out.length),
      first: this.#first,
      count: this.#count,
      minAt,
      maxAt,
      controls: this.#controls,
      checksum: this.#checksum,
    };
  }

  /** The flags that are kept; notes the hash where it does not follow from the message. */
  #flagsOf(buffer: Buffer, start: number, end: number, metaEnd: number, head: EntryHead): number {
    const keyed = buffer[start + 1]! & FLAG_KEYED;
    if (keyed === 0) return 0;
    const lo = buffer.readUInt32LE(start + 16);
    const hi = buffer.readUInt32LE(start + 20);
    const origin = head.meta.o;
    if (head.kind === 'message' && origin?.transport === 'mqtt') {
      hashMessage(origin.topic, buffer.subarray(metaEnd, end), hash);
      if (hash.lo === lo && hash.hi === hi) return keyed | FLAG_HASH_FOLLOWS;
    }
    this.#hashes.u32(lo);
    this.#hashes.u32(hi);
    return keyed;
  }

  #textsAt(buffer: Buffer, kind: number, clientStart: number, clientEnd: number, metaEnd: number): HeadTexts {
    const clientBytes = clientEnd - clientStart;
    const text = buffer.toString('latin1', clientStart, metaEnd);
    const usual = this.#texts.get(text);
    if (usual?.kind === kind && usual.clientBytes === clientBytes) return usual;
    // The same bytes of another kind, or cut elsewhere, go under a longer name.
    const name = usual === undefined ? text : `${kind}:${clientBytes}:${text}`;
    const known = usual === undefined ? undefined : this.#texts.get(name);
    if (known !== undefined) return known;
    const client = buffer.toString('utf8', clientStart, clientEnd);
    const meta = buffer.toString('utf8', clientEnd, metaEnd);
    const parsed = parseHead(kind, client, meta, this.#first + this.#count);
    const texts: HeadTexts = { kind, clientBytes, parsed, byFlags: new Map() };
    this.#texts.set(name, texts);
    return texts;
  }

  #newHead(
    texts: HeadTexts,
    flags: number,
    buffer: Buffer,
    clientStart: number,
    clientEnd: number,
    metaEnd: number,
  ): BlockHead {
    const head: BlockHead = { number: this.#heads++, lastPacketId: 0 };
    texts.byFlags.set(flags, head);
    this.#headColumns.byte(texts.kind);
    this.#headColumns.byte(flags);
    this.#headColumns.varint(texts.clientBytes);
    this.#headColumns.varint(metaEnd - clientEnd);
    this.#headTexts.bytes(buffer, clientStart, metaEnd);
    return head;
  }
}

function writeInstants(out: ByteWriter, instants: Float64Array): void {
  const whole = instants.every((at) => Number.isInteger(at) && Math.abs(at) < 2 ** 51 && !Object.is(at, -0));
  out.byte(whole ? 0 : 1);
  let before = 0;
  for (const at of instants) {
    if (whole) {
      const step = at - before;
      out.varint(step < 0 ? -2 * step - 1 : 2 * step);
      before = at;
    } else out.double(at);
  }
}
