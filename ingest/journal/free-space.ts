import { IngestError } from '../ingest-error.ts';
import type { JournalFs } from './journal-fs.ts';

/** Free space is asked for again after so many ms or so many bytes written. */
const CHECK_MS = 1000;
const CHECK_BYTES = 16 * 1024 * 1024;

/** Keeps the floor of free space: a journal that fills the disk to the last byte takes the rest of the house with it. */
export class FreeSpace {
  readonly #fs: JournalFs;
  readonly #dir: string;
  readonly #floorBytes: number;
  readonly #relieve: (bytes: number) => Promise<void>;
  #checkAt = 0;
  #writtenBytes = 0;

  /** @param relieve - Asked, where space is short, to make so many bytes free. */
  constructor(
    fs: JournalFs,
    dir: string,
    floorBytes: number,
    relieve: (bytes: number) => Promise<void> = async () => undefined,
  ) {
    this.#fs = fs;
    this.#dir = dir;
    this.#floorBytes = floorBytes;
    this.#relieve = relieve;
  }

  /**
   * @param bytes - About to be written.
   * @param now - Monotonic, ms.
   * @param afresh - Whether the disk must be asked, whatever it said a moment ago.
   * @throws {IngestError} `journal-full` when less than the floor would stay free.
   */
  async check(bytes: number, now: number, afresh: boolean): Promise<void> {
    if (!afresh && now < this.#checkAt && this.#writtenBytes + bytes < CHECK_BYTES) return;
    let free = await this.#fs.freeBytes(this.#dir);
    if (free - bytes < this.#floorBytes) {
      await this.#relieve(this.#floorBytes + bytes);
      free = await this.#fs.freeBytes(this.#dir);
    }
    if (free - bytes < this.#floorBytes) {
      throw new IngestError(
        'journal-full',
        `Cannot append ${bytes} bytes: ${free} bytes are free, ${this.#floorBytes} must stay free`,
      );
    }
    this.#checkAt = now + CHECK_MS;
    this.#writtenBytes = 0;
  }

  /** Counts what was written since the disk was asked. */
  written(bytes: number): void {
    this.#writtenBytes += bytes;
  }
}
