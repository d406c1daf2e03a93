/** Marks of deliveries that were begun, so that a crash neither loses nor repeats one. */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, Position } from '../../model/index.ts';
import { syncDir } from './blob-store.ts';

/** Who is on record for what lies in the inbox. */
export const INBOX_PRINCIPAL = 'inbox';
/** Entries read at a time while looking for the chunks of an interrupted delivery. */
const SCAN_ENTRIES = 500;

/** What is known of a delivery that was begun. */
export interface Mark {
  readonly state: 'begun' | 'complete';
  readonly delivery: string;
  /** Digest of the mapping: chunks are the same only by the same mapping. */
  readonly mapping: string;
  /** No chunk of the delivery stands before this. */
  readonly firstPosition: Position;
}

/** How many chunks of the delivery the journal holds: they were queued in order, so what is there is the beginning. */
export async function chunksHeld(
  journal: Pick<Journal, 'read' | 'head' | 'tail'>,
  delivery: string,
  firstPosition: Position,
): Promise<number> {
  let chunks = 0;
  for (let position = Math.max(firstPosition, journal.tail); position < journal.head; ) {
    const entries = await journal.read(position, SCAN_ENTRIES);
    if (entries.length === 0) break;
    for (const entry of entries) {
      const origin = entry.kind === 'message' || entry.kind === 'refusal' ? entry.raw.origin : undefined;
      if (
        origin?.transport === 'file' &&
        origin.principal === INBOX_PRINCIPAL &&
        origin.delivery === delivery
      ) {
        chunks = Math.max(chunks, origin.chunk + 1);
      }
    }
    position += entries.length;
  }
  return chunks;
}

/** The mark at `path`; undefined where there is none. */
export async function readMark(path: string): Promise<Mark | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Mark);
}

/** Puts the mark on disk, whole or not at all. */
export async function writeMark(path: string, mark: Mark): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o640);
  try {
    await file.writeFile(JSON.stringify(mark));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncDir(join(path, '..'));
}
