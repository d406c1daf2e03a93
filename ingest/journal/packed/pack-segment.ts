/** Makes the packed form of a closed segment, beside it, and checks it entry by entry before it counts. */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { IngestError } from '../../ingest-error.ts';
import type { Position } from '../../model/index.ts';
import { inTurns } from '../../turns.ts';
import { crc32c } from '../crc32c.ts';
import type { JournalFile, JournalFs } from '../journal-fs.ts';
import { SEGMENT_HEADER_BYTES, scanFrames, segmentName } from '../segment.ts';
import { BlockEncoder, type EncodedBlock } from './block-encoder.ts';
import { decodeStored } from './block-store.ts';
import {
  BLOCK_HEADER_BYTES,
  type BlockPlace,
  encodeBlockHeader,
  encodePackedHeader,
  encodePackedIndex,
  PACKED_HEADER_BYTES,
  type PackedHeader,
  packedName,
} from './packed-format.ts';

const compress = promisify(brotliCompress);
/** Quality 4 gives the smallest blocks of columns of all up to 9, at twice the speed of 5. Measured, see the bench. */
const QUALITY = 4;
const WINDOW_BITS = 22;
/** Bytes of entries looked at in one go: between two of them acknowledgements get their turn. */
const WINDOW_BYTES = 64 * 1024;

/** Ends of names of files that are being written. */
export const UNFINISHED = '.tmp';

/**
 * Writes `<first>.jwz` from `<first>.jwj`, which stays. When it resolves the packed form is on disk under its name.
 *
 * @param rest - Called between blocks; may wait, and rejects to end the work.
 * @throws {IngestError} `journal-corrupt` when the segment is damaged: it stays as it is; what `rest` rejects with; or a fault of the disk.
 */
export async function packSegment(
  dir: string,
  fs: JournalFs,
  segment: {
    readonly first: Position;
    readonly end: Position;
    readonly bytes: number;
    readonly salt: number;
  },
  rest: () => Promise<void>,
): Promise<{ readonly header: PackedHeader; readonly bytes: number }> {
  const unfinished = join(dir, packedName(segment.first) + UNFINISHED);
  const source = await fs.open(join(dir, segmentName(segment.first)), 'read');
  try {
    const target = await fs.open(unfinished, 'create');
    let written: { readonly header: PackedHeader; readonly bytes: number };
    try {
      written = await writePacked(source, target, segment, rest);
      await target.datasync();
    } finally {
      await target.close();
    }
    await fs.rename(unfinished, join(dir, packedName(segment.first)));
    await fs.syncDir(dir);
    return written;
  } catch (error) {
    await fs.remove(unfinished).catch(() => undefined);
    throw error;
  } finally {
    await source.close();
  }
}

async function writePacked(
  source: JournalFile,
  target: JournalFile,
  segment: {
    readonly first: Position;
    readonly end: Position;
    readonly bytes: number;
    readonly salt: number;
  },
  rest: () => Promise<void>,
): Promise<{ readonly header: PackedHeader; readonly bytes: number }> {
  const blocks: BlockPlace[] = [];
  const controls: Position[] = [];
  let read = SEGMENT_HEADER_BYTES;
  let offset = PACKED_HEADER_BYTES;
  for (let position = segment.first; position < segment.end; ) {
    await rest();
    const encoder = new BlockEncoder(position);
    const scan = await scanFrames(
      source,
      read,
      segment.bytes,
      segment.salt,
      true,
      (frame) => {
        encoder.add(frame.buffer, frame.bodyStart, frame.bodyEnd);
        return !encoder.full;
      },
      WINDOW_BYTES,
    );
    position += encoder.count;
    // What follows the last entry would be lost with the plain form: there must be nothing.
    const whole = scan.reason === 'stopped' || position === segment.end;
    if (!whole || encoder.count === 0 || position > segment.end) {
      throw new IngestError(
        'journal-corrupt',
        `Cannot pack segment "${segmentName(segment.first)}": the entry at offset ${scan.offset} is damaged`,
      );
    }
    read = scan.offset;
    const { place, stored } = await storedForm(segment.first, encoder.finish(), offset);
    await target.write(encodeBlockHeader(place), BLOCK_HEADER_BYTES, offset);
    await target.write(stored, stored.length, offset + BLOCK_HEADER_BYTES);
    offset += BLOCK_HEADER_BYTES + stored.length;
    blocks.push(place);
    controls.push(...(place.controls ?? []));
  }
  return finish(target, segment, offset, blocks, controls);
}

type PlaceWithControls = BlockPlace & { readonly controls: readonly Position[] };

/** Compresses a block, and reads it back as a reader will. */
async function storedForm(
  segment: Position,
  block: EncodedBlock,
  offset: number,
): Promise<{ readonly place: PlaceWithControls; readonly stored: Buffer }> {
  const { columns, first, count, minAt, maxAt, controls } = block;
  const stored = await compress(columns, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: columns.length,
    },
  });
  const crc = crc32c(columns);
  const storedBytes = stored.length;
  const columnBytes = columns.length;
  const place = { first, count, minAt, maxAt, offset, storedBytes, columnBytes, crc, controls };
  const decoded = await decodeStored(segment, place, stored);
  if (decoded.count !== count || (await inTurns(decoded.checksum(), 2)) !== block.checksum) {
    throw new Error(
      `Cannot pack entries ${first} to ${first + count - 1}: they do not come out as they went in`,
    );
  }
  return { place, stored };
}

async function finish(
  target: JournalFile,
  segment: { readonly first: Position; readonly end: Position; readonly bytes: number },
  offset: number,
  blocks: readonly BlockPlace[],
  controls: readonly Position[],
): Promise<{ readonly header: PackedHeader; readonly bytes: number }> {
  const index = encodePackedIndex({ controls, blocks });
  const header: PackedHeader = {
    first: segment.first,
    end: segment.end,
    plainBytes: segment.bytes,
    minAt: Math.min(...blocks.map((block) => block.minAt)),
    maxAt: Math.max(...blocks.map((block) => block.maxAt)),
    indexOffset: offset,
    indexBytes: index.length,
    indexCrc: crc32c(index),
  };
  await target.write(index, index.length, offset);
  await target.write(encodePackedHeader(header), PACKED_HEADER_BYTES, 0);
  return { header, bytes: offset + index.length };
}
