/** Names of members that a GeoJSON document has already, asked before anything is written: a second member of a name would hide the first. */
import { open } from 'node:fs/promises';

const BLOCK_BYTES = 1024 * 1024;
/** Longer than any name with its quotes: one that is cut between two blocks is seen in the second. */
const OVERLAP_BYTES = 1024;

/**
 * Which of the names, or of them with a number behind (`h3_9_2`), stand in the document as the name of any member, at any depth: too many
 * rather than too few.
 */
export async function takenNames(path: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  // Bytes as characters: names in Chinese are compared byte by byte.
  const plain = names.map((name) => Buffer.from(JSON.stringify(name).slice(1, -1)).toString('latin1'));
  const pattern = new RegExp(`"((?:${plain.map(escaped).join('|')})(?:_\\d{1,6})?)"\\s*:`, 'g');
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(OVERLAP_BYTES + BLOCK_BYTES);
    for (let held = 0; ; ) {
      const { bytesRead } = await file.read(buffer, held, BLOCK_BYTES);
      if (bytesRead === 0) return taken;
      const length = held + bytesRead;
      for (const [, name] of buffer.toString('latin1', 0, length).matchAll(pattern))
        taken.add(JSON.parse(`"${Buffer.from(name!, 'latin1').toString('utf8')}"`) as string);
      held = Math.min(OVERLAP_BYTES, length);
      buffer.copyWithin(0, length - held, length);
    }
  } finally {
    await file.close();
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
