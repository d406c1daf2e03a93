import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import type { Position } from '../../model/index.ts';
import { crc32c } from '../crc32c.ts';
import { DamageError } from '../damage.ts';
import { type JournalFile, readFully } from '../journal-fs.ts';
import { DecodedBlock } from './block-decoder.ts';
import { BLOCK_HEADER_BYTES, type BlockPlace, packedName } from './packed-format.ts';

const decompress = promisify(brotliDecompress);

/** Blocks kept: a reader is in one and the next is being fetched for it, and there are a few readers. */
const MAX_BLOCKS = 6;

/** Decoded blocks of all packed segments, the newest used ones. A block is fetched once for all who ask at a time. */
export class BlockStore {
  readonly #blocks = new Map<string, Promise<DecodedBlock>>();

  /**
   * The block at `place`.
   *
   * @param open - Opens the segment's file.
   * @throws {DamageError} when it is not what was written.
   */
  get(segment: Position, place: BlockPlace, open: () => Promise<JournalFile>): Promise<DecodedBlock> {
    const key = `${segment}:${place.offset}`;
    const known = this.#blocks.get(key);
    const block = known ?? fetchBlock(segment, place, open);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    if (known !== undefined) return block;
    // What failed is asked for again: the disk may have been busy.
    block.catch(() => this.#blocks.delete(key));
    if (this.#blocks.size > MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value!);
    return block;
  }
}

async function fetchBlock(
  segment: Position,
  place: BlockPlace,
  open: () => Promise<JournalFile>,
): Promise<DecodedBlock> {
  const stored = Buffer.allocUnsafe(place.storedBytes);
  const file = await open();
  try {
    const got = await readFully(file, stored, place.offset + BLOCK_HEADER_BYTES);
    if (got < stored.length) throw damaged(segment, place, 'the file ends early');
  } finally {
    await file.close();
  }
  return decodeStored(segment, place, stored);
}

/** Columns that were compressed into `stored`, checked and decoded. @throws {DamageError} when they are not what was written. */
export async function decodeStored(
  segment: Position,
  place: BlockPlace,
  stored: Buffer,
): Promise<DecodedBlock> {
  const columns = await decompress(stored, { maxOutputLength: Math.max(1, place.columnBytes) }).catch(() => {
    throw damaged(segment, place, 'its block cannot be decompressed');
  });
  if (columns.length !== place.columnBytes || crc32c(columns) !== place.crc) {
    throw damaged(segment, place, 'its block does not match its checksum');
  }
  return new DecodedBlock(columns, place.first);
}

function damaged(segment: Position, { first, count }: BlockPlace, why: string): DamageError {
  return new DamageError({ segment: packedName(segment), from: first, to: first + count, why });
}
