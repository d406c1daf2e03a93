/** Files with their SHA-256: read, copied, made durable. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Bytes read at a time. */
const BLOCK_BYTES = 1024 * 1024;

export interface HashedBytes {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Told of every block, before it is written; may throw to end it. */
export type OnBytes = (bytes: number) => void | Promise<void>;

/** SHA-256 of a file, or of its first `limit` bytes. */
export async function hashFile(path: string, onBytes: OnBytes = () => undefined): Promise<HashedBytes> {
  const file = await open(path, 'r');
  try {
    return await readHashed(file, Number.POSITIVE_INFINITY, onBytes, async () => undefined);
  } finally {
    await file.close();
  }
}

/**
 * Copies a file, or its first `limit` bytes, into a new one that is on disk when this resolves.
 *
 * @param mode - Permission bits of the copy.
 * @throws {Error} As the file system: exists already, no space, the source is gone.
 */
export async function copyHashed(
  source: string,
  target: string,
  mode: number,
  onBytes: OnBytes = () => undefined,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<HashedBytes> {
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx', mode);
    try {
      const copied = await readHashed(from, limit, onBytes, (block, at) => writeAll(to, block, at));
      // The mask of the process has taken bits away.
      await to.chmod(mode);
      await to.sync();
      return copied;
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Makes new names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readHashed(
  file: FileHandle,
  limit: number,
  onBytes: OnBytes,
  write: (block: Buffer, at: number) => Promise<void>,
): Promise<HashedBytes> {
  const hash: Hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let bytes = 0;
  while (bytes < limit) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(BLOCK_BYTES, limit - bytes), bytes);
    if (bytesRead === 0) break;
    const block = buffer.subarray(0, bytesRead);
    await onBytes(bytesRead);
    hash.update(block);
    await write(block, bytes);
    bytes += bytesRead;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function writeAll(file: FileHandle, block: Buffer, at: number): Promise<void> {
  for (let done = 0; done < block.length; ) {
    done += (await file.write(block, done, block.length - done, at + done)).bytesWritten;
  }
}
