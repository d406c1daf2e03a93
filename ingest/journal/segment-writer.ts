import { join } from 'node:path';
import type { Position } from '../model/index.ts';
import type { CommitBatch } from './commit-batch.ts';
import type { JournalFile, JournalFs } from './journal-fs.ts';
import { segmentName } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** Written and removed to see whether a disk that refused takes bytes again; no segment is called like it. */
const PROBE_FILE = 'probe';
/** As much as a group of a few hundred messages. Bytes. */
const PROBE_BYTES = 64 * 1024;

/** The segment that entries are appended to. */
export interface ActiveSegment {
  readonly first: Position;
  readonly salt: number;
  readonly file: JournalFile;
  readonly index: SegmentIndex;
  /** Synced bytes. */
  bytes: number;
}

/** Puts batches on disk, one at a time: what `write` resolves for is synced, what it rejects for does not count. */
export class SegmentWriter {
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #onSealed: (segment: ActiveSegment) => void;
  #active: ActiveSegment | undefined;
  /** The file may hold bytes after the last synced one: cut before writing again. */
  #dirty = false;

  /** @param onSealed - Told of the segment that a new one follows, before its file is closed. */
  constructor(
    dir: string,
    fs: JournalFs,
    active: ActiveSegment | undefined,
    onSealed: (segment: ActiveSegment) => void,
  ) {
    this.#dir = dir;
    this.#fs = fs;
    this.#active = active;
    this.#onSealed = onSealed;
  }

  get active(): ActiveSegment | undefined {
    return this.#active;
  }

  async write(batch: CommitBatch): Promise<void> {
    const active = batch.startsSegment ? await this.#writeFirst(batch) : await this.#writeNext(batch);
    for (let i = 0; i < batch.count; i++) {
      active.index.add(active.bytes + batch.offsets[i]!, batch.controls[i]!, batch.instants[i]!);
    }
    active.bytes += batch.sink.length;
  }

  /** Resolves when the disk takes and syncs bytes, though none of them stay. */
  async probe(): Promise<void> {
    await this.#cutUnsynced();
    const path = join(this.#dir, PROBE_FILE);
    const file = await this.#fs.open(path, 'create');
    try {
      await file.write(new Uint8Array(PROBE_BYTES), PROBE_BYTES, 0);
      await file.datasync();
    } finally {
      await file.close().catch(() => undefined);
      await this.#fs.remove(path).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#active?.file.close();
  }

  async #writeNext(batch: CommitBatch): Promise<ActiveSegment> {
    const active = this.#active!;
    await this.#cutUnsynced();
    this.#dirty = true;
    await active.file.write(batch.sink.buffer, batch.sink.length, active.bytes);
    await active.file.datasync();
    this.#dirty = false;
    return active;
  }

  /** After a failed sync nobody knows what of those pages is on disk: cut them and write them again. */
  async #cutUnsynced(): Promise<void> {
    if (!this.#dirty || this.#active === undefined) return;
    await this.#active.file.truncate(this.#active.bytes);
    await this.#active.file.datasync();
    this.#dirty = false;
  }

  /** The first batch of a segment: the file counts only once its snapshot, its size and its name are on disk. */
  async #writeFirst(batch: CommitBatch): Promise<ActiveSegment> {
    // What a failed write left behind the last synced byte would stand in a sealed segment for good.
    await this.#cutUnsynced();
    const path = join(this.#dir, segmentName(batch.first));
    const file = await this.#fs.open(path, 'create');
    try {
      await file.write(batch.sink.buffer, batch.sink.length, 0);
      await file.datasync();
      await this.#fs.syncDir(this.#dir);
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.#fs.remove(path).catch(() => undefined);
      throw error;
    }
    const before = this.#active;
    const { first, salt } = batch;
    const next = { first, salt, file, index: new SegmentIndex(first), bytes: 0 };
    this.#active = next;
    if (before !== undefined) {
      this.#onSealed(before);
      await before.file.close().catch(() => undefined);
    }
    return next;
  }
}
