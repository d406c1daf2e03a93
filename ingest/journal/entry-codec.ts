/**
 * One journal entry as bytes. All numbers little-endian.
 *
 *     frame  u32 length of the body | u32 CRC-32C of the body, seeded with salt xor length | body
 *     body   u8 kind | u8 flags | u16 packet id | u32 length of meta | f64 instant, ms
 *            u32 hash low | u32 hash high | u16 length of client | u16 position modulo 65536
 *            client, UTF-8 | meta, JSON | payload bytes (a control entry: JSON of its declarations)
 *
 * Client (principal, NUL, client id), packet id and hash stand in front so that the redelivery recogniser is rebuilt without reading the rest.
 * The salt is the segment's own random number: bytes of a message can never pass for an entry. The end of its position, where
 * flag 4 says it stands there (entries of version 0.1 have 0), tells where reading goes on behind damage.
 */
import { IngestError } from '../ingest-error.ts';
import type { JournalEntry, JournalEntryBody, Origin, Position, RawRecord } from '../model/index.ts';
import { crc32c } from './crc32c.ts';
import { entryOf, HeadCache, type Meta, type StoredOrigin } from './entry-heads.ts';
import type { Hash64 } from './hash64.ts';
import { copyPayload } from './payload-copy.ts';

export const FRAME_BYTES = 8;
export const BODY_HEADER_BYTES = 28;
/** Largest body. Bytes; a snapshot of 100,000 Things is about 50 MB, and an offset in a segment must fit u32. */
export const MAX_BODY_BYTES = 512 * 1024 * 1024;

/** First entry of a batch: everything before it was synced before it was written. */
export const FLAG_BATCH_START = 1;
/** Carries a redelivery key: client, packet id, hash. */
export const FLAG_KEYED = 2;
/** Carries the low 16 bits of its position. */
export const FLAG_NUMBERED = 4;

const KIND_CODE = { message: 1, refusal: 2, redelivery: 3, control: 4 } as const;
export const KIND_CONTROL = KIND_CODE.control;

/** A buffer that grows; entries of one batch are encoded into it back to back. */
export class ByteSink {
  buffer: Buffer;
  length = 0;
  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }
  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

const EMPTY = new Uint8Array(0);

/**
 * Appends one frame to `sink`.
 *
 * @param hash - Redelivery key of a QoS 1 message; absent: the entry is not keyed.
 * @param position - Where it will stand; absent: it does not tell.
 * @returns Number of bytes written.
 * @throws {IngestError} `entry-too-large`.
 */
export function encodeEntry(
  sink: ByteSink,
  body: JournalEntryBody,
  salt: number,
  batchStart: boolean,
  hash?: Hash64,
  position?: Position,
): number {
  const meta = JSON.stringify(metaOf(body));
  const payload = payloadOf(body);
  const origin = body.kind === 'control' ? undefined : originOf(body);
  const mqtt = origin?.transport === 'mqtt' ? origin : undefined;
  const client = mqtt === undefined ? '' : clientKey(mqtt.principal, mqtt.clientId);
  const most = BODY_HEADER_BYTES + 3 * (client.length + meta.length) + payload.length;
  if (most > MAX_BODY_BYTES) {
    throw new IngestError(
      'entry-too-large',
      `Cannot append entry: up to ${most} bytes, must be at most ${MAX_BODY_BYTES}`,
    );
  }
  sink.reserve(FRAME_BYTES + most);
  const { buffer } = sink;
  const start = sink.length;
  const at = start + FRAME_BYTES;
  let end = at + BODY_HEADER_BYTES;
  const clientLength = client === '' ? 0 : buffer.write(client, end, 'utf8');
  end += clientLength;
  const metaLength = buffer.write(meta, end, 'utf8');
  end += metaLength;
  buffer.set(payload, end);
  end += payload.length;
  buffer[at] = KIND_CODE[body.kind];
  buffer[at + 1] =
    (batchStart ? FLAG_BATCH_START : 0) |
    (hash === undefined ? 0 : FLAG_KEYED) |
    (position === undefined ? 0 : FLAG_NUMBERED);
  buffer.writeUInt16LE(mqtt?.packetId ?? 0, at + 2);
  buffer.writeUInt32LE(metaLength, at + 4);
  buffer.writeDoubleLE(instantOf(body), at + 8);
  buffer.writeUInt32LE(hash?.lo ?? 0, at + 16);
  buffer.writeUInt32LE(hash?.hi ?? 0, at + 20);
  buffer.writeUInt16LE(clientLength, at + 24);
  buffer.writeUInt16LE(position === undefined ? 0 : position % 65_536, at + 26);
  const length = end - at;
  buffer.writeUInt32LE(length, start);
  buffer.writeUInt32LE(crc32c(buffer, at, end, (salt ^ length) >>> 0), start + 4);
  sink.length = end;
  return end - start;
}

const heads = new HeadCache();

/**
 * Reads the body at `buffer[start, end)`, whose checksum has been verified. The bytes are copied out of `buffer`.
 *
 * @throws {IngestError} `journal-corrupt` when the checksum was right and the contents are not: our own mistake.
 */
export function decodeEntry(buffer: Buffer, start: number, end: number, position: Position): JournalEntry {
  const clientStart = start + BODY_HEADER_BYTES;
  const clientEnd = clientStart + buffer.readUInt16LE(start + 24);
  const metaEnd = clientEnd + buffer.readUInt32LE(start + 4);
  if (metaEnd > end) {
    throw new IngestError('journal-corrupt', `Cannot read entry ${position}: its meta is longer than it is`);
  }
  const head = heads.at(buffer, buffer[start]!, clientStart, clientEnd, metaEnd, position);
  const payload = metaEnd === end ? EMPTY : copyPayload(buffer.subarray(metaEnd, end));
  return entryOf(head, buffer.readDoubleLE(start + 8), buffer.readUInt16LE(start + 2), payload, position);
}

function metaOf(body: JournalEntryBody): Meta {
  switch (body.kind) {
    case 'message':
      return rawMeta(body.raw);
    case 'refusal':
      return { ...rawMeta(body.raw), r: body.rejection, n: body.fullLength, h: body.sha256 };
    case 'redelivery': {
      const meta: Meta = { s: body.sourceId, o: storedOrigin(body.origin), of: body.of };
      if (body.datasets !== undefined) meta.d = body.datasets;
      if (body.byteLength !== undefined) meta.n = body.byteLength;
      return meta;
    }
    case 'control':
      return { snap: body.snapshot };
  }
}

function rawMeta(raw: RawRecord): Meta {
  const meta: Meta = { s: raw.sourceId, o: storedOrigin(raw.origin) };
  if (raw.mappingId !== undefined) meta.m = raw.mappingId;
  return meta;
}

/**
 * Two principals may use one client id and are still two clients. MQTT texts hold no NUL [MQTT-1.5.4-2], so the key can be
 * taken apart again.
 */
export function clientKey(principal: string, clientId: string): string {
  return `${principal}\0${clientId}`;
}

/** Principal, client id and packet id stand in the header already. Member by member: spreading costs twice the rest. */
function storedOrigin(origin: Origin): StoredOrigin {
  if (origin.transport !== 'mqtt') return origin;
  return { transport: 'mqtt', topic: origin.topic, qos: origin.qos, dup: origin.dup };
}

function originOf(body: Exclude<JournalEntryBody, { kind: 'control' }>): Origin {
  return body.kind === 'redelivery' ? body.origin : body.raw.origin;
}

function instantOf(body: JournalEntryBody): number {
  if (body.kind === 'control') return body.at;
  return body.kind === 'redelivery' ? body.receivedAt : body.raw.receivedAt;
}

function payloadOf(body: JournalEntryBody): Uint8Array {
  if (body.kind === 'control') return Buffer.from(JSON.stringify(body.declarations), 'utf8');
  return body.kind === 'redelivery' ? EMPTY : body.raw.bytes;
}
