/** The few file operations a journal needs, narrow enough that a test can put a failing disk in their place. */
import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';

/** An open file. Every method rejects with the system's error (`code` such as `ENOSPC`). */
export interface JournalFile {
  /** Writes all of `bytes[0, length)` at `offset`. */
  write(bytes: Uint8Array, length: number, offset: number): Promise<void>;
  /** Reads into `target[targetStart, ...)`; returns the bytes read, 0 at the end. */
  read(target: Uint8Array, targetStart: number, length: number, offset: number): Promise<number>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Fills `target` from `offset` of the file on. Returns how much there was. */
export async function readFully(file: JournalFile, target: Uint8Array, offset: number): Promise<number> {
  let got = 0;
  while (got < target.length) {
    const read = await file.read(target, got, target.length - got, offset + got);
    if (read === 0) break;
    got += read;
  }
  return got;
}

export interface JournalFs {
  /** `create` makes or empties the file, `write` opens an existing one for reading and writing. */
  open(path: string, mode: 'create' | 'write' | 'read'): Promise<JournalFile>;
  list(dir: string): Promise<readonly string[]>;
  size(path: string): Promise<number>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes created and renamed names durable. */
  syncDir(dir: string): Promise<void>;
  /** Bytes this process may still write. */
  freeBytes(dir: string): Promise<number>;
}

const FLAGS = { create: 'w+', write: 'r+', read: 'r' } as const;

/** The real disk. */
export const nodeFs: JournalFs = {
  async open(path, mode) {
    const handle = await open(path, FLAGS[mode], 0o640);
    return {
      async write(bytes, length, offset) {
        // A full disk may take a part and fail only at the next call: go on until all is written or it fails.
        for (let done = 0; done < length; ) {
          done += (await handle.write(bytes, done, length - done, offset + done)).bytesWritten;
        }
      },
      read: async (target, targetStart, length, offset) =>
        (await handle.read(target, targetStart, length, offset)).bytesRead,
      datasync: () => handle.datasync(),
      truncate: (length) => handle.truncate(length),
      size: async () => (await handle.stat()).size,
      close: () => handle.close(),
    };
  },
  list: (dir) => readdir(dir),
  size: async (path) => (await stat(path)).size,
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncDir(dir) {
    const handle = await open(dir, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async freeBytes(dir) {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  },
};
