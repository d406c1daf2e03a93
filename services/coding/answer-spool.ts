/**
 * The answer to a stream that is still coming in. Many clients read nothing of an answer before they have sent all of their
 * body; to wait for them would be to wait for each other for ever. What such a client does not take goes to a file meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CodingError } from './coding-error.ts';
import { checkFreeSpace } from './free-space.ts';

/** How long a client may take nothing of its answer before the answer goes to a file. ms. */
const PATIENCE_MS = 500;

export interface AnswerSpool {
  /** Resolves when the next bytes may come. */
  write(bytes: Uint8Array): Promise<void>;
  /** All of the answer is out. */
  end(): Promise<void>;
  /** Removes the file, if there is one. */
  close(): Promise<void>;
  /** Bytes that went through the file. */
  readonly spooledBytes: number;
}

export interface SpoolOptions {
  readonly folder: string;
  /** Most bytes of the file. */
  readonly maxBytes: number;
  /** Free space that must be left. Bytes. */
  readonly floorBytes: number;
  readonly patienceMs?: number;
}

export function createAnswerSpool(res: ServerResponse, options: SpoolOptions): AnswerSpool {
  const path = join(options.folder, `${randomUUID()}.answer`);
  let file: FileHandle | undefined;
  let spooled = 0;

  async function spool(bytes: Uint8Array): Promise<void> {
    if (spooled + bytes.byteLength > options.maxBytes)
      throw new CodingError(
        'too-large',
        `The answer is larger than ${options.maxBytes} bytes and nobody reads it`,
      );
    await checkFreeSpace(options.folder, options.floorBytes, bytes.byteLength);
    await file!.appendFile(bytes);
    spooled += bytes.byteLength;
  }

  return {
    get spooledBytes() {
      return spooled;
    },
    async write(bytes) {
      if (bytes.byteLength === 0) return;
      if (file !== undefined) return spool(bytes);
      if (res.write(bytes) || (await drained(res, options.patienceMs ?? PATIENCE_MS))) return;
      await mkdir(options.folder, { recursive: true });
      file = await open(path, 'wx', 0o600);
    },
    async end() {
      if (file === undefined) {
        res.end();
        return;
      }
      // `pipeline` waits for the client as long as it takes, and ends the answer.
      await pipeline(createReadStream(path), res);
    },
    async close() {
      await file?.close();
      if (file !== undefined) await rm(path, { force: true });
    },
  };
}

/** Whether the client took what was written in time. */
async function drained(res: ServerResponse, patienceMs: number): Promise<boolean> {
  if (res.destroyed) throw new Error('The client has gone');
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  const gone = () => patience.abort();
  res.once('close', gone);
  try {
    await once(res, 'drain', { signal: patience.signal });
    return true;
  } catch {
    if (res.destroyed) throw new Error('The client has gone');
    return false;
  } finally {
    clearTimeout(timer);
    res.off('close', gone);
  }
}
