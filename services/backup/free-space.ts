import { statfs } from 'node:fs/promises';
import { BackupError } from './backup-error.ts';

/** The disk is asked again after so many bytes. */
const ASK_AGAIN_BYTES = 64 * 1024 * 1024;

/** Keeps the floor of free space on the disk that is written to, asked again while it fills. */
export class SpaceFloor {
  readonly #folder: string;
  readonly #floorBytes: number;
  #left = 0;

  /**
   * @param folder - Any folder on the disk.
   * @param floorBytes - Must stay free.
   */
  constructor(folder: string, floorBytes: number) {
    this.#folder = folder;
    this.#floorBytes = floorBytes;
  }

  /** @throws {BackupError} `no-space` when `bytes` more would leave less than the floor. */
  async need(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    const free = bavail * bsize;
    if (free - bytes >= this.#floorBytes) return;
    throw new BackupError(
      'no-space',
      `Cannot write ${bytes} bytes to "${this.#folder}": ${free} bytes are free there, ${this.#floorBytes} must stay free. Make room, keep fewer backups (--keep), or choose another disk`,
    );
  }

  /** As `need` for the next block; asks the disk only now and then. */
  async block(bytes: number): Promise<void> {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    await this.need(bytes);
    this.#left = ASK_AGAIN_BYTES;
  }
}
