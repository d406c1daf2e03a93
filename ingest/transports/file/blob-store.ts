import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file kept under the SHA-256 (hex) of its bytes. */
export interface Blob {
  readonly sha256: string;
  readonly bytes: number;
  readonly path: string;
}

const COPY_BYTES = 256 * 1024;

/**
 * Copies the file at `source` into the store, once for equal bytes. When this resolves the blob and its name are on disk.
 *
 * @throws {Error} As the file system: unreadable, disk full.
 */
export async function storeBlob(blobDir: string, source: string): Promise<Blob> {
  await mkdir(blobDir, { recursive: true });
  const part = join(blobDir, `.${process.pid}-${Math.random().toString(36).slice(2)}.part`);
  try {
    const { sha256, bytes } = await copyHashed(source, part);
    const path = join(blobDir, sha256.slice(0, 2), sha256);
    const known = await stat(path).catch(() => undefined);
    if (known?.size !== bytes) {
      await mkdir(dirname(path), { recursive: true });
      await rename(part, path);
      await syncDir(dirname(path));
      await syncDir(blobDir);
    }
    return { sha256, bytes, path };
  } finally {
    await rm(part, { force: true });
  }
}

async function copyHashed(source: string, target: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx', 0o640);
    try {
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await from.read(buffer, 0, COPY_BYTES, bytes);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        for (let done = 0; done < bytesRead; ) {
          done += (await to.write(buffer, done, bytesRead - done, bytes + done)).bytesWritten;
        }
        bytes += bytesRead;
      }
      await to.sync();
      return { sha256: hash.digest('hex'), bytes };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Makes new names in a folder durable. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
