import { join } from 'node:path';
import type { Position } from '../model/index.ts';
import type { HeldSegment } from './held-segment.ts';
import type { JournalFs } from './journal-fs.ts';
import { UNFINISHED } from './packed/pack-segment.ts';
import { type PackedHeader, packedName, parsePackedName } from './packed/packed-format.ts';
import { readIndex, readPackedHeader } from './packed/packed-segment.ts';
import { parseSegmentName, segmentName } from './segment.ts';

/** Files whose beginning is read at a time. */
const AT_ONCE = 16;

/**
 * The segments in `dir`, oldest first, each in one form: of a segment that a crash left in both, the packed one where it is
 * whole. What was being written is removed.
 */
export async function listSegments(dir: string, fs: JournalFs): Promise<readonly HeldSegment[]> {
  const names = await fs.list(dir);
  const plain = new Set<Position>();
  const packed: Position[] = [];
  for (const name of names) {
    const first = parseSegmentName(name);
    if (first !== undefined) plain.add(first);
    const packedFirst = parsePackedName(name);
    if (packedFirst !== undefined) packed.push(packedFirst);
    if (name.endsWith(UNFINISHED)) await fs.remove(join(dir, name));
  }
  const segments: HeldSegment[] = [];
  for (let i = 0; i < packed.length; i += AT_ONCE) {
    const some = packed.slice(i, i + AT_ONCE).map((first) => settle(dir, fs, first, plain));
    for (const one of await Promise.all(some)) if (one !== undefined) segments.push(one);
  }
  for (const first of plain) {
    segments.push({ first, form: 'plain', bytes: await fs.size(join(dir, segmentName(first))) });
  }
  return segments.sort((a, b) => a.first - b.first);
}

/** The packed segment, unless its plain form is there as well and it is not whole. */
async function settle(
  dir: string,
  fs: JournalFs,
  first: Position,
  plain: Set<Position>,
): Promise<HeldSegment | undefined> {
  const path = join(dir, packedName(first));
  const bytes = await fs.size(path);
  const header = await readPackedHeader(dir, fs, first);
  if (!plain.has(first)) return { first, form: 'packed', bytes, header };
  if (header !== undefined && (await isWhole(fs, path, header, bytes))) {
    await fs.remove(join(dir, segmentName(first)));
    plain.delete(first);
    return { first, form: 'packed', bytes, header };
  }
  await fs.remove(path);
  return undefined;
}

async function isWhole(fs: JournalFs, path: string, header: PackedHeader, bytes: number): Promise<boolean> {
  if (bytes !== header.indexOffset + header.indexBytes) return false;
  const file = await fs.open(path, 'read');
  try {
    return (await readIndex(file, header)) !== undefined;
  } finally {
    await file.close();
  }
}
