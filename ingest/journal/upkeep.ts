/**
 * What is done for a journal beside the appends: closed segments are packed, old ones deleted. It has a pace of its own and
 * runs one piece at a time; what fails is told and tried again later, and no append waits for it or fails with it.
 */
import { join } from 'node:path';
import { IngestError, type IngestErrorCode, isIngestError } from '../ingest-error.ts';
import type { EpochMs, Position } from '../model/index.ts';
import { faultOf } from './disk-fault.ts';
import { type HeldSegment, nameOf } from './held-segment.ts';
import type { JournalOptions } from './journal-contract.ts';
import type { JournalFs } from './journal-fs.ts';
import type { JournalReader } from './journal-reader.ts';
import type { JournalMarks } from './marks.ts';
import { packSegment } from './packed/pack-segment.ts';
import { PlainSegment } from './plain-segment.ts';
import { whyDelete } from './retention.ts';
import { segmentName } from './segment.ts';

/** Between two looks, ms. */
const LOOK_MS = 2000;
/** After a failure, ms. */
const RETRY_MS = 30_000;
/**
 * Between two blocks while appends wait, ms. A block takes some 10 ms of this thread, in pieces: about a tenth of it then, and
 * still 30,000 messages a second.
 */
const REST_MS = 80;

/** Something of the upkeep that does not work; appends go on. */
export interface UpkeepFault {
  readonly what: 'pack' | 'delete';
  readonly code: IngestErrorCode;
  readonly message: string;
  /** Monotonic, ms. */
  readonly since: number;
}

export interface UpkeepOptions {
  readonly journal: JournalOptions;
  readonly fs: JournalFs;
  readonly reader: JournalReader;
  readonly marks: JournalMarks;
  /** Bytes of the segment that grows. */
  readonly activeBytes: () => number;
  /** Whether appends wait for the disk. */
  readonly busy: () => boolean;
  /** Closes the growing segment where it is old enough. */
  readonly rollIfOld: () => void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  /** Damaged segments: they stay as they are. */
  readonly #unpackable = new Set<Position>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #deleting: Promise<unknown> = Promise.resolve();
  #again = false;
  #wake: () => void = () => undefined;
  #closed = false;
  #fault: UpkeepFault | undefined;
  #retryAt = 0;
  #oldestAt: EpochMs | null = null;
  #deleted = 0;
  #packed = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Looks now, and from time to time. */
  start(): void {
    this.#timer = setInterval(() => this.poke(), LOOK_MS);
    this.#timer.unref();
    void this.poke();
  }

  get fault(): UpkeepFault | undefined {
    return this.#fault;
  }
  /** Instant of the oldest entry held; null before the first look. */
  get oldestAt(): EpochMs | null {
    return this.#oldestAt;
  }
  /** Segments packed and deleted since the start. */
  get counts(): { readonly packed: number; readonly deleted: number } {
    return { packed: this.#packed, deleted: this.#deleted };
  }

  /** Has a look soon. Resolves when the look has been had. */
  poke(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Makes room, at once: deletes what nobody needs, oldest first, until so many bytes are free. */
  relieve(bytes: number): Promise<void> {
    return this.#inTurn(async () => {
      while ((await this.#freeBytes()) < bytes && (await this.#deleteOldest(true)));
    }).catch((error: unknown) => this.#fail('delete', error));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    clearInterval(this.#timer);
    await this.#running;
    await this.#deleting.catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#options.rollIfOld();
      if (performance.now() < this.#retryAt) return;
      const deleted = await this.#attempt('delete', () => this.#inTurn(() => this.#deleteAll()));
      const packed = await this.#attempt('pack', () => this.#packAll());
      if (deleted && packed) this.#endFault();
      await this.#noteOldest();
    }
  }

  async #attempt(what: UpkeepFault['what'], work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#fail(what, error);
      return false;
    }
  }

  #fail(what: UpkeepFault['what'], error: unknown): void {
    if (this.#closed) return;
    const { code, message } = faultOf(error);
    const known = this.#fault;
    const now = performance.now();
    this.#retryAt = now + RETRY_MS;
    this.#fault = { what, code, message, since: known?.since ?? now };
    if (known === undefined)
      this.#options.journal.log?.('journal-upkeep-fault', { what, code, detail: message });
  }

  #endFault(): void {
    if (this.#fault === undefined) return;
    const lastedMs = Math.round(performance.now() - this.#fault.since);
    this.#options.journal.log?.('journal-upkeep-recovered', { what: this.#fault.what, lastedMs });
    this.#fault = undefined;
  }

  /** Deletions one after the other: those of the pace and those of a disk that is short of space. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#deleting.catch(() => undefined).then(work);
    this.#deleting = turn;
    return turn;
  }

  async #deleteAll(): Promise<void> {
    const { minFreeBytes, segmentBytes } = this.#options.journal;
    // A little above the floor already, so that appends seldom have to wait for it.
    const pressed = async () => minFreeBytes > 0 && (await this.#freeBytes()) < minFreeBytes + segmentBytes;
    while (!this.#closed && (await this.#deleteOldest(await pressed())));
  }

  /** Deletes the oldest segment, if it may go. Each is off the disk before the next: there is never a hole. */
  async #deleteOldest(pressed: boolean): Promise<boolean> {
    const { reader, marks, fs, journal } = this.#options;
    const segment = reader.sealed[0];
    if (segment === undefined || reader.endOf(0) > marks.needed) return false;
    const newestAt = segment.header?.maxAt ?? (await (await reader.open(segment)).maxAt());
    const { keepDays = Number.POSITIVE_INFINITY, keepBytes = 0 } = journal;
    const why = whyDelete(
      { keepDays, keepBytes },
      {
        end: reader.endOf(0),
        newestAt,
        bytes: this.bytes(),
        needed: marks.needed,
        now: journal.clock(),
        pressed,
      },
    );
    if (why === undefined || reader.sealed[0] !== segment) return false;
    reader.dropOldest();
    try {
      await fs.remove(join(journal.dir, nameOf(segment)));
      await fs.syncDir(journal.dir);
    } catch (error) {
      reader.restoreOldest(segment);
      throw error;
    }
    this.#deleted++;
    journal.log?.('journal-deleted', {
      segment: nameOf(segment),
      why,
      bytes: segment.bytes,
      tail: reader.tail,
    });
    return true;
  }

  /** Bytes of the journal on disk. */
  bytes(): number {
    return this.#options.reader.sealed.reduce((sum, one) => sum + one.bytes, this.#options.activeBytes());
  }

  async #packAll(): Promise<void> {
    const { reader, journal } = this.#options;
    while (!this.#closed && journal.pack !== false) {
      const segment = reader.sealed.find(
        ({ first, form }) => form === 'plain' && !this.#unpackable.has(first),
      );
      if (segment === undefined) return;
      await this.#pack(segment);
    }
  }

  async #pack(segment: HeldSegment): Promise<void> {
    const { reader, fs, journal } = this.#options;
    const began = performance.now();
    const plain = await reader.open(segment);
    if (!(plain instanceof PlainSegment)) return;
    const free = await this.#freeBytes();
    // The floor does not hold here: packing ends with more room than it began with.
    if (free < segment.bytes) {
      throw Object.assign(new Error(`${free} bytes are free, packing may take ${segment.bytes}`), {
        code: 'ENOSPC',
      });
    }
    const { first } = segment;
    try {
      const about = { first, end: plain.end, bytes: segment.bytes, salt: plain.salt };
      const { header, bytes } = await packSegment(journal.dir, fs, about, () => this.#rest());
      // It may have been deleted while it was packed.
      if (!reader.sealed.includes(segment)) {
        await fs.remove(join(journal.dir, nameOf({ first, form: 'packed' })));
        return;
      }
      reader.replace({ first, form: 'packed', bytes, header });
      this.#packed++;
      const ms = Math.round(performance.now() - began);
      journal.log?.('journal-packed', { position: first, bytes, before: segment.bytes, ms });
    } catch (error) {
      if (!isIngestError(error, 'journal-corrupt')) throw error;
      this.#unpackable.add(first);
      journal.log?.('journal-damaged', { segment: segmentName(first), detail: error.message });
      return;
    }
    await fs.remove(join(journal.dir, segmentName(first)));
  }

  async #rest(): Promise<void> {
    if (this.#options.busy()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, REST_MS).unref();
      });
    }
    if (this.#closed) throw new IngestError('closed', 'Cannot pack segment: the journal is closed');
  }

  async #noteOldest(): Promise<void> {
    const { reader } = this.#options;
    const oldest = reader.sealed[0];
    try {
      if (oldest?.header !== undefined) this.#oldestAt = oldest.header.minAt;
      else if (oldest !== undefined) {
        const segment = await reader.open(oldest);
        this.#oldestAt = segment instanceof PlainSegment ? segment.firstAt : null;
      } else this.#oldestAt = reader.activeFirstAt;
    } catch {
      this.#oldestAt = null;
    }
  }

  #freeBytes(): Promise<number> {
    return this.#options.fs.freeBytes(this.#options.journal.dir);
  }
}
