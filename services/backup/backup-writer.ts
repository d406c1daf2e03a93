/** A backup while it is written: files by hard link where nothing has to be copied, else by copy; each with its hash. */
import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from './backup-error.ts';
import { SpaceFloor } from './free-space.ts';
import { copyHashed, type HashedBytes, hashFile, syncFolder } from './hashed-files.ts';
import type { BackupFile } from './manifest.ts';

/** A file that is to be taken. */
export interface WantedFile {
  /** In the backup and below the data folder, with slashes. */
  readonly path: string;
  /** Where it lies. */
  readonly source: string;
  /** It is never changed under this name: it may be linked, and an unchanged one need not be read again. */
  readonly immutable: boolean;
  /** Known beforehand: the name of a blob, the sidecar of a part. Hex. */
  readonly sha256?: string | undefined;
  /** Known beforehand. */
  readonly bytes?: number | undefined;
  /** Only so much of it, when it grows. */
  readonly limit?: number | undefined;
}

/** How a file came into the backup. */
export type TakenBy = 'linked' | 'copied' | 'reused';

export type TakenFile = BackupFile & { readonly by: TakenBy };

export interface WriterTotals {
  readonly files: number;
  readonly bytes: number;
  /** Written anew on the target's disk. */
  readonly copiedBytes: number;
  /** Linked to the data folder's own files. */
  readonly linkedBytes: number;
  /** Linked to the backup before. */
  readonly reusedBytes: number;
}

export interface WriterOptions {
  /** Under way; exists and is empty. */
  readonly folder: string;
  /** The newest backup of the same data folder in the same target. */
  readonly previous?: { readonly path: string; readonly files: readonly BackupFile[] } | undefined;
  readonly floorBytes: number;
  /** Told after each block and each file. */
  onProgress(totals: WriterTotals): void;
}

/** What is no fault of a link but a reason to copy: another disk, a file system without links, too many of them. */
const CANNOT_LINK = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']);

export class BackupWriter {
  readonly #options: WriterOptions;
  readonly #previous: ReadonlyMap<string, BackupFile>;
  readonly #floor: SpaceFloor;
  readonly #folders = new Set<string>();
  readonly #files = new Map<string, TakenFile>();
  readonly #bytesBy: Record<TakenBy, number> = { linked: 0, copied: 0, reused: 0 };
  #underWayBytes = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#previous = new Map((options.previous?.files ?? []).map((file) => [file.path, file]));
    this.#floor = new SpaceFloor(options.folder, options.floorBytes);
    this.#folders.add(options.folder);
  }

  /** Files taken, by path. */
  get files(): readonly TakenFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  get totals(): WriterTotals {
    const { copied, linked, reused } = this.#bytesBy;
    return {
      files: this.#files.size,
      bytes: copied + linked + reused + this.#underWayBytes,
      copiedBytes: copied + this.#underWayBytes,
      linkedBytes: linked,
      reusedBytes: reused,
    };
  }

  /** Refuses at once what cannot fit, before anything is written. @throws {BackupError} `no-space`. */
  async needFor(wanted: readonly WantedFile[]): Promise<void> {
    const here = await stat(this.#options.folder);
    let bytes = 0;
    for (const file of wanted) {
      const found = await stat(file.source).catch(() => undefined);
      if (found === undefined) continue;
      const free = file.immutable && (found.dev === here.dev || this.#known(file, found) !== undefined);
      if (!free) bytes += found.size;
    }
    await this.#floor.need(bytes);
  }

  /**
   * Takes a file.
   *
   * @throws {BackupError} `source-damaged` when it is not what it was said to be; `no-space`. The system's `ENOENT` when
   * it is gone.
   */
  async take(wanted: WantedFile): Promise<BackupFile> {
    const found = await stat(wanted.source);
    const target = await this.place(wanted.path);
    const mode = found.mode & 0o777;
    const known = wanted.immutable ? this.#known(wanted, found) : undefined;
    let taken: HashedBytes;
    let by: TakenBy;
    if (known !== undefined && (await this.#linkPrevious(wanted.path, target))) {
      by = 'reused';
      taken = known;
    } else if (wanted.immutable && (await this.#link(wanted.source, target))) {
      by = 'linked';
      taken = await hashFile(target);
    } else {
      by = 'copied';
      taken = await copyHashed(wanted.source, target, mode, (bytes) => this.#written(bytes), wanted.limit);
    }
    refuseDamaged(wanted, taken);
    const file = { path: wanted.path, ...taken, mode, mtimeMs: found.mtimeMs, immutable: wanted.immutable };
    return this.#note({ ...file, by });
  }

  /** Takes a text that is no file yet. */
  async write(path: string, text: string, mode: number): Promise<BackupFile> {
    const target = await this.place(path);
    await this.#written(Buffer.byteLength(text));
    const handle = await open(target, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return this.adopt(path, mode);
  }

  /** Takes note of a file that somebody else has put at its place; makes it durable. */
  async adopt(path: string, mode: number): Promise<BackupFile> {
    const target = await this.place(path);
    const handle = await open(target, 'r+');
    try {
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const { mtimeMs } = await stat(target);
    return this.#note({ path, ...(await hashFile(target)), mode, mtimeMs, immutable: false, by: 'copied' });
  }

  /** Forgets and removes what was taken: it belongs to a state that has passed. */
  async drop(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#files.delete(path);
    this.#bytesBy[file.by] -= file.bytes;
    await rm(join(this.#options.folder, path), { force: true });
  }

  /** Absolute path at which `path` is to lie; its folder is made. */
  async place(path: string): Promise<string> {
    const target = join(this.#options.folder, path);
    for (let folder = dirname(target); !this.#folders.has(folder); folder = dirname(folder)) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      this.#folders.add(folder);
    }
    return target;
  }

  /** Makes all new names durable. */
  async sync(): Promise<void> {
    for (const folder of this.#folders) await syncFolder(folder);
  }

  #known(wanted: WantedFile, found: { size: number; mtimeMs: number }): BackupFile | undefined {
    const before = this.#previous.get(wanted.path);
    if (before === undefined || !before.immutable || before.bytes !== found.size) return undefined;
    const same =
      wanted.sha256 === undefined ? before.mtimeMs === found.mtimeMs : before.sha256 === wanted.sha256;
    return same ? before : undefined;
  }

  async #link(source: string, target: string): Promise<boolean> {
    try {
      await link(source, target);
      return true;
    } catch (error) {
      if (CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  }

  /** False also when the backup before has lost the file. */
  async #linkPrevious(path: string, target: string): Promise<boolean> {
    try {
      return await this.#link(join(this.#options.previous!.path, path), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  async #written(bytes: number): Promise<void> {
    await this.#floor.block(bytes);
    this.#underWayBytes += bytes;
    this.#options.onProgress(this.totals);
  }

  #note(file: TakenFile): BackupFile {
    this.#files.set(file.path, file);
    this.#bytesBy[file.by] += file.bytes;
    this.#underWayBytes = 0;
    this.#options.onProgress(this.totals);
    return file;
  }
}

function refuseDamaged(wanted: WantedFile, taken: HashedBytes): void {
  const wrong =
    wanted.bytes !== undefined && wanted.bytes !== taken.bytes
      ? `it has ${taken.bytes} bytes, ${wanted.bytes} are wanted`
      : wanted.sha256 !== undefined && wanted.sha256 !== taken.sha256
        ? `its SHA-256 is ${taken.sha256}, ${wanted.sha256} is wanted`
        : undefined;
  if (wrong === undefined) return;
  throw new BackupError(
    'source-damaged',
    `Cannot take "${wanted.source}" into the backup: ${wrong}. The file was damaged after it was written; "jingwei doctor --deep" says what it means and how to mend it`,
  );
}
