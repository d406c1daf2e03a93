/**
 * A segment at rest: the same entries in compressed blocks, each checked by itself. The file is written whole under another
 * name and never changed. All numbers little-endian.
 *
 *     header  128 bytes, see `encodePackedHeader`
 *     blocks  48 bytes, see `encodeBlockHeader` | Brotli of the block's columns
 *     index   JSON of `PackedIndex`: the positions of control entries; where each block stands and what it holds
 *
 * The block headers say what the index says, so that blocks can be found where header or index are damaged.
 */
import type { Position } from '../../model/index.ts';
import { crc32c } from '../crc32c.ts';

export const PACKED_HEADER_BYTES = 128;
export const BLOCK_HEADER_BYTES = 48;
const MAGIC = Buffer.from('JINGWEIZ', 'latin1');
const BLOCK_MAGIC = 0x6b_6c_62_7a;
const VERSION = 1;

export function packedName(first: Position): string {
  return `${String(first).padStart(20, '0')}.jwz`;
}

/** First position of a packed file's name; undefined for other files. */
export function parsePackedName(name: string): Position | undefined {
  const match = /^(\d{20})\.jwz$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** What is told of a packed segment without reading further. */
export interface PackedHeader {
  readonly first: Position;
  /** Position after its last entry. */
  readonly end: Position;
  /** Size it had before. Bytes. */
  readonly plainBytes: number;
  /** Least and greatest instant of its entries, epoch ms. */
  readonly minAt: number;
  readonly maxAt: number;
  readonly indexOffset: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
}

export function encodePackedHeader(header: PackedHeader): Buffer {
  const bytes = Buffer.alloc(PACKED_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(header.indexBytes, 12);
  bytes.writeUInt32LE(header.indexCrc, 16);
  bytes.writeDoubleLE(header.first, 24);
  bytes.writeDoubleLE(header.end, 32);
  bytes.writeDoubleLE(header.plainBytes, 40);
  bytes.writeDoubleLE(header.minAt, 48);
  bytes.writeDoubleLE(header.maxAt, 56);
  bytes.writeDoubleLE(header.indexOffset, 64);
  bytes.writeUInt32LE(crc32c(bytes, 0, 124), 124);
  return bytes;
}

/** The header, or why it is none. */
export function decodePackedHeader(bytes: Buffer, first: Position): PackedHeader | string {
  if (bytes.length < PACKED_HEADER_BYTES) return 'The file is shorter than its header';
  if (bytes.readUInt32LE(124) !== crc32c(bytes, 0, 124) || !bytes.subarray(0, 8).equals(MAGIC)) {
    return 'The header does not match its checksum';
  }
  if (bytes.readUInt32LE(8) !== VERSION) {
    return `Version ${bytes.readUInt32LE(8)} is not known, wanted ${VERSION}`;
  }
  if (bytes.readDoubleLE(24) !== first) {
    return `It begins at position ${bytes.readDoubleLE(24)}, its name says ${first}`;
  }
  return {
    first,
    indexBytes: bytes.readUInt32LE(12),
    indexCrc: bytes.readUInt32LE(16),
    end: bytes.readDoubleLE(32),
    plainBytes: bytes.readDoubleLE(40),
    minAt: bytes.readDoubleLE(48),
    maxAt: bytes.readDoubleLE(56),
    indexOffset: bytes.readDoubleLE(64),
  };
}

/** One block: what its header and the index say of it. */
export interface BlockPlace {
  readonly first: Position;
  readonly count: number;
  readonly minAt: number;
  readonly maxAt: number;
  /** Of its header in the file. */
  readonly offset: number;
  /** Length of the compressed columns behind the header. */
  readonly storedBytes: number;
  /** Length and CRC-32C of the columns. */
  readonly columnBytes: number;
  readonly crc: number;
}

export function encodeBlockHeader(place: BlockPlace): Buffer {
  const bytes = Buffer.alloc(BLOCK_HEADER_BYTES);
  bytes.writeUInt32LE(BLOCK_MAGIC, 0);
  bytes.writeUInt32LE(place.storedBytes, 4);
  bytes.writeUInt32LE(place.columnBytes, 8);
  bytes.writeUInt32LE(place.crc, 12);
  bytes.writeDoubleLE(place.first, 16);
  bytes.writeUInt32LE(place.count, 24);
  bytes.writeDoubleLE(place.minAt, 28);
  bytes.writeDoubleLE(place.maxAt, 36);
  bytes.writeUInt32LE(crc32c(bytes, 0, 44), 44);
  return bytes;
}

/** The block header at `bytes[at, ...)`, which stands at `offset` of the file; undefined where none stands. */
export function decodeBlockHeader(bytes: Buffer, at: number, offset: number): BlockPlace | undefined {
  if (at + BLOCK_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== BLOCK_MAGIC) return undefined;
  if (bytes.readUInt32LE(at + 44) !== crc32c(bytes, at, at + 44)) return undefined;
  return {
    offset,
    storedBytes: bytes.readUInt32LE(at + 4),
    columnBytes: bytes.readUInt32LE(at + 8),
    crc: bytes.readUInt32LE(at + 12),
    first: bytes.readDoubleLE(at + 16),
    count: bytes.readUInt32LE(at + 24),
    minAt: bytes.readDoubleLE(at + 28),
    maxAt: bytes.readDoubleLE(at + 36),
  };
}

/** Where everything of a packed segment stands. */
export interface PackedIndex {
  readonly controls: readonly Position[];
  readonly blocks: readonly BlockPlace[];
}

type BlockRow = readonly [
  first: number,
  count: number,
  minAt: number,
  maxAt: number,
  offset: number,
  storedBytes: number,
  columnBytes: number,
  crc: number,
];

export function encodePackedIndex({ controls, blocks }: PackedIndex): Buffer {
  const rows = blocks.map(
    (one): BlockRow => [
      one.first,
      one.count,
      one.minAt,
      one.maxAt,
      one.offset,
      one.storedBytes,
      one.columnBytes,
      one.crc,
    ],
  );
  return Buffer.from(JSON.stringify({ controls, blocks: rows }), 'utf8');
}

/** The index in `bytes`, whose checksum has been verified. */
export function decodePackedIndex(bytes: Buffer): PackedIndex {
  const { controls, blocks } = JSON.parse(bytes.toString('utf8')) as {
    controls: Position[];
    blocks: BlockRow[];
  };
  return {
    controls,
    blocks: blocks.map(([first, count, minAt, maxAt, offset, storedBytes, columnBytes, crc]) => ({
      first,
      count,
      minAt,
      maxAt,
      offset,
      storedBytes,
      columnBytes,
      crc,
    })),
  };
}
