import { join } from 'node:path';
import type { JournalEntry, Position } from '../../model/index.ts';
import { crc32c } from '../crc32c.ts';
import { DamageError } from '../damage.ts';
import type { Hash64 } from '../hash64.ts';
import { type JournalFile, type JournalFs, readFully } from '../journal-fs.ts';
import type { EntryView, ReadableSegment, ScanOptions } from '../readable-segment.ts';
import type { DecodedBlock } from './block-decoder.ts';
import type { BlockStore } from './block-store.ts';
import {
  BLOCK_HEADER_BYTES,
  type BlockPlace,
  decodeBlockHeader,
  decodePackedHeader,
  decodePackedIndex,
  PACKED_HEADER_BYTES,
  type PackedHeader,
  type PackedIndex,
  packedName,
} from './packed-format.ts';

class BlockEntry implements EntryView {
  #block: DecodedBlock | undefined;
  #i = 0;

  show(block: DecodedBlock, i: number): this {
    this.#block = block;
    this.#i = i;
    return this;
  }

  get position(): Position {
    return this.#block!.first + this.#i;
  }
  get at(): number {
    return this.#block!.instants[this.#i]!;
  }
  get bytes(): number {
    return this.#block!.payloadBytes(this.#i) + 100;
  }
  entry(): JournalEntry {
    return this.#block!.entry(this.#i);
  }
  key(hash: Hash64) {
    return this.#block!.key(this.#i, hash);
  }
}

/** A segment in its compressed form. */
export class PackedSegment implements ReadableSegment {
  readonly first: Position;
  readonly end: Position;
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #blocks: BlockStore;
  readonly #header: PackedHeader | undefined;
  #index: Promise<PackedIndex> | undefined;

  /** @param about.header - Absent where it is damaged: the blocks are looked for one by one then. */
  constructor(
    dir: string,
    fs: JournalFs,
    blocks: BlockStore,
    about: { readonly first: Position; readonly end: Position; readonly header: PackedHeader | undefined },
  ) {
    this.#dir = dir;
    this.#fs = fs;
    this.#blocks = blocks;
    this.first = about.first;
    this.end = about.end;
    this.#header = about.header;
  }

  async controls(): Promise<readonly Position[]> {
    return (await this.#places()).controls;
  }

  async maxAt(): Promise<number> {
    if (this.#header !== undefined) return this.#header.maxAt;
    const { blocks } = await this.#places();
    return Math.max(Number.NEGATIVE_INFINITY, ...blocks.map((block) => block.maxAt));
  }

  async firstSince(at: number): Promise<Position | undefined> {
    for (const place of (await this.#places()).blocks) {
      if (!(place.maxAt >= at)) continue;
      const block = await this.#block(place);
      const i = block.instants.findIndex((instant) => instant >= at);
      if (i >= 0) return place.first + i;
    }
    return undefined;
  }

  async scan({ from, expected }: ScanOptions, visit: (view: EntryView) => boolean): Promise<void> {
    const { blocks } = await this.#places();
    const view = new BlockEntry();
    let position = from;
    for (let i = lastAtOrBefore(blocks, from); position < this.end; i++) {
      const place = blocks[i];
      if (place === undefined || position < place.first || position >= place.first + place.count) {
        throw this.#lost(position, blocks);
      }
      const block = await this.#block(place);
      // While these entries are used the next block is fetched and decompressed by other threads.
      const next = blocks[i + 1];
      if (next !== undefined && position + expected > next.first - place.count / 2) {
        this.#block(next).catch(() => undefined);
      }
      for (let at = position - place.first; at < block.count; at++) {
        if (!visit(view.show(block, at))) return;
      }
      position = place.first + place.count;
    }
  }

  #block(place: BlockPlace): Promise<DecodedBlock> {
    return this.#blocks.get(this.first, place, () => this.#open());
  }

  #open(): Promise<JournalFile> {
    return this.#fs.open(join(this.#dir, packedName(this.first)), 'read');
  }

  #places(): Promise<PackedIndex> {
    this.#index ??= this.#readIndex();
    this.#index.catch(() => {
      this.#index = undefined;
    });
    return this.#index;
  }

  async #readIndex(): Promise<PackedIndex> {
    const file = await this.#open();
    try {
      const whole = this.#header === undefined ? undefined : await readIndex(file, this.#header);
      return whole ?? (await this.#searchBlocks(file));
    } finally {
      await file.close();
    }
  }

  /** Header or index are damaged: whatever blocks there are. */
  async #searchBlocks(file: JournalFile): Promise<PackedIndex> {
    const content = Buffer.allocUnsafe(await file.size());
    await readFully(file, content, 0);
    const blocks: BlockPlace[] = [];
    for (let at = PACKED_HEADER_BYTES; at < content.length; ) {
      const place = decodeBlockHeader(content, at, at);
      if (place !== undefined && at + BLOCK_HEADER_BYTES + place.storedBytes <= content.length) {
        blocks.push(place);
        at += BLOCK_HEADER_BYTES + place.storedBytes;
      } else at++;
    }
    const controls: Position[] = [];
    for (const place of blocks) {
      const block = await this.#block(place).catch(() => undefined);
      for (let i = 0; i < (block?.count ?? 0); i++) if (block!.isControl(i)) controls.push(place.first + i);
    }
    return { controls, blocks };
  }

  #lost(position: Position, blocks: readonly BlockPlace[]): DamageError {
    const before = blocks.findLast(({ first, count }) => first + count <= position);
    const after = blocks.find(({ first }) => first > position);
    return new DamageError({
      segment: packedName(this.first),
      from: before === undefined ? this.first : before.first + before.count,
      to: after?.first ?? this.end,
      why: 'no block of it can be found',
    });
  }
}

function lastAtOrBefore(blocks: readonly BlockPlace[], position: Position): number {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (blocks[middle]!.first <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Reads the header of a packed file: undefined where it is damaged. */
export async function readPackedHeader(
  dir: string,
  fs: JournalFs,
  first: Position,
): Promise<PackedHeader | undefined> {
  const file = await fs.open(join(dir, packedName(first)), 'read');
  try {
    const bytes = Buffer.alloc(PACKED_HEADER_BYTES);
    const read = await readFully(file, bytes, 0);
    const header = decodePackedHeader(bytes.subarray(0, read), first);
    return typeof header === 'string' ? undefined : header;
  } finally {
    await file.close();
  }
}

/** The index of a packed file: undefined where it is damaged. */
export async function readIndex(file: JournalFile, header: PackedHeader): Promise<PackedIndex | undefined> {
  const bytes = Buffer.allocUnsafe(header.indexBytes);
  const read = await readFully(file, bytes, header.indexOffset);
  if (read < bytes.length || crc32c(bytes) !== header.indexCrc) return undefined;
  return decodePackedIndex(bytes);
}
