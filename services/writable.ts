/** Can the data folder be written to, with room left? */
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/**
 * Writes a byte and takes it away again.
 *
 * @param folder - A folder for temporary files; made when it is missing.
 * @param minFreeBytes - Free space below which the journal takes nothing.
 * @returns What is wrong, or null.
 */
export async function whyNotWritable(folder: string, minFreeBytes: number): Promise<string | null> {
  const probe = join(folder, `.writable-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, '.', { flush: true });
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (free >= minFreeBytes) return null;
    return `${Math.floor(free / MIB)} MiB are free in the data folder; ${Math.ceil(minFreeBytes / MIB)} MiB are wanted`;
  } catch (error) {
    // The code and no more: its words hold a path.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return `The data folder cannot be written to (${code})`;
  }
}
