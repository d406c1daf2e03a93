/** How large a ZIP archive says it is when unpacked, from its directory: asked before anything is unpacked. */
import { open } from 'node:fs/promises';

const END_SIGNATURE = 0x06_05_4b_50;
const ENTRY_SIGNATURE = 0x02_01_4b_50;
const END_BYTES = 22;
/** The end record may be followed by a comment of 64 KiB at most. */
const TAIL_BYTES = END_BYTES + 65_535;
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024;

/**
 * Sum of the unpacked sizes of all entries; undefined when the file is no such archive.
 *
 * @source PKWARE APPNOTE 6.3, sections 4.3.12 and 4.3.16. Archives of 64-bit sizes are taken for none: no workbook is one.
 */
export async function unpackedBytes(path: string): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
      if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
      const length = tail.readUInt32LE(at + 12);
      const offset = tail.readUInt32LE(at + 16);
      if (length > MAX_DIRECTORY_BYTES || offset + length > size) return undefined;
      const directory = Buffer.alloc(length);
      await file.read(directory, 0, length, offset);
      return sumOf(directory);
    }
    return undefined;
  } finally {
    await file.close();
  }
}

function sumOf(directory: Buffer): number | undefined {
  let sum = 0;
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) return undefined;
    sum += directory.readUInt32LE(at + 24);
    at +=
      46 +
      directory.readUInt16LE(at + 28) +
      directory.readUInt16LE(at + 30) +
      directory.readUInt16LE(at + 32);
  }
  return sum;
}
