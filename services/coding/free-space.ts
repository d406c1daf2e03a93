/** Keeps the floor of free space: coded files must not take the disk from the journal. */
import { statfs } from 'node:fs/promises';
import { CodingError } from './coding-error.ts';

/** The disk is asked again after this long, or when so much was written in between. */
const ASK_AGAIN_MS = 500;
const ASK_AGAIN_BYTES = 32 * 1024 * 1024;

const known = new Map<string, { at: number; free: number; since: number }>();

/**
 * @param bytes - About to be written.
 * @throws {CodingError} `disk-full` when less than the floor would stay free.
 */
export async function checkFreeSpace(folder: string, floorBytes: number, bytes: number): Promise<void> {
  let last = known.get(folder);
  const now = performance.now();
  if (last === undefined || now - last.at > ASK_AGAIN_MS || last.since + bytes > ASK_AGAIN_BYTES) {
    const { bavail, bsize } = await statfs(folder);
    last = { at: now, free: bavail * bsize, since: 0 };
    known.set(folder, last);
  }
  last.since += bytes;
  if (last.free - last.since >= floorBytes) return;
  const free = Math.max(0, last.free - last.since);
  throw new CodingError(
    'disk-full',
    `${free} bytes are free on the disk of the data folder: ${floorBytes} must stay free`,
  );
}
