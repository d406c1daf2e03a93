/**
 * A disk in memory that records what is done to it, and can say what would be left of it had the power failed at any moment:
 * what was not synced is lost, kept or torn, names as well as bytes. For tests.
 */
import { basename } from 'node:path';
import type { JournalFile, JournalFs } from './journal-fs.ts';

type Operation =
  | { readonly op: 'create'; readonly name: string; readonly file: number }
  | { readonly op: 'rename'; readonly name: string; readonly to: string; readonly file: number }
  | { readonly op: 'remove'; readonly name: string }
  | { readonly op: 'write'; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly op: 'truncate'; readonly file: number; readonly length: number }
  /** Logged when it is over; certain is only what was done before it began. */
  | { readonly op: 'sync'; readonly file: number; readonly began: number }
  | { readonly op: 'sync-names'; readonly began: number };

/** What a power cut leaves of what was not synced. */
export type Mercy = 'none' | 'all' | 'some';

/** Smallest piece a disk writes whole. Bytes. */
const SECTOR_BYTES = 512;

export class RecordedDisk implements JournalFs {
  readonly #log: Operation[] = [];
  readonly #names = new Map<string, number>();
  readonly #contents: Buffer[] = [];
  readonly #lies: 'sync' | 'sync-names' | undefined;

  /** @param lies - A sync of this kind is answered and not done: what depends on it must be found lost. */
  constructor(lies?: 'sync' | 'sync-names') {
    this.#lies = lies;
  }

  /** Operations so far: a moment to cut the power at. */
  get moment(): number {
    return this.#log.length;
  }

  async open(path: string, mode: 'create' | 'write' | 'read'): Promise<JournalFile> {
    await turn();
    const name = basename(path);
    let file = this.#names.get(name);
    if (mode === 'create') {
      if (file === undefined) {
        file = this.#contents.push(Buffer.alloc(0)) - 1;
        this.#names.set(name, file);
        this.#log.push({ op: 'create', name, file });
      } else this.#truncate(file, 0);
    }
    if (file === undefined) throw Object.assign(new Error(`ENOENT: "${name}"`), { code: 'ENOENT' });
    return this.#handle(file);
  }

  #handle(file: number): JournalFile {
    return {
      write: async (bytes, length, offset) => {
        await turn();
        const copy = Buffer.from(bytes.subarray(0, length));
        this.#log.push({ op: 'write', file, offset, bytes: copy });
        this.#contents[file] = written(this.#contents[file]!, copy, offset);
      },
      read: async (target, targetStart, length, offset) => {
        await turn();
        return this.#contents[file]!.copy(target, targetStart, offset, offset + length);
      },
      datasync: async () => {
        const began = this.#log.length;
        await turn();
        await turn();
        if (this.#lies !== 'sync') this.#log.push({ op: 'sync', file, began });
      },
      truncate: async (length) => this.#truncate(file, length),
      size: async () => this.#contents[file]!.length,
      close: async () => undefined,
    };
  }

  #truncate(file: number, length: number): void {
    this.#log.push({ op: 'truncate', file, length });
    this.#contents[file] = resized(this.#contents[file]!, length);
  }

  async list(): Promise<readonly string[]> {
    return [...this.#names.keys()];
  }

  async size(path: string): Promise<number> {
    return (await this.open(path, 'read')).size();
  }

  async rename(from: string, to: string): Promise<void> {
    await turn();
    const [name, target] = [basename(from), basename(to)];
    const file = this.#names.get(name)!;
    this.#log.push({ op: 'rename', name, to: target, file });
    this.#names.delete(name);
    this.#names.set(target, file);
  }

  async remove(path: string): Promise<void> {
    await turn();
    const name = basename(path);
    if (this.#names.delete(name)) this.#log.push({ op: 'remove', name });
  }

  async syncDir(): Promise<void> {
    const began = this.#log.length;
    await turn();
    await turn();
    if (this.#lies !== 'sync-names') this.#log.push({ op: 'sync-names', began });
  }

  async freeBytes(): Promise<number> {
    return Number.POSITIVE_INFINITY;
  }

  /**
   * The disk after a power cut at `moment`.
   *
   * @param random - 0 to below 1; what of the unsynced is left, where `mercy` is `some`.
   */
  after(moment: number, mercy: Mercy, random: () => number): RecordedDisk {
    const done = this.#log.slice(0, moment);
    const kept = () => mercy === 'all' || (mercy === 'some' && random() < 0.5);
    const namesUntil = done.findLast((one) => one.op === 'sync-names')?.began ?? 0;
    const syncedUntil = new Map<number, number>();
    for (const one of done) if (one.op === 'sync') syncedUntil.set(one.file, one.began);
    const names = new Map<string, number>();
    const contents = new Map<number, Buffer>();
    done.forEach((one, i) => {
      if ('name' in one) {
        if (i < namesUntil || kept()) applyName(names, one);
        return;
      }
      if (one.op !== 'write' && one.op !== 'truncate') return;
      const certain = i < (syncedUntil.get(one.file) ?? 0);
      if (!certain && !kept()) return;
      const before = contents.get(one.file) ?? Buffer.alloc(0);
      contents.set(
        one.file,
        one.op === 'truncate'
          ? resized(before, one.length)
          : certain || mercy === 'all'
            ? written(before, one.bytes, one.offset)
            : torn(before, one.bytes, one.offset, random),
      );
    });
    const left = new RecordedDisk();
    for (const [name, file] of names) left.#put(name, contents.get(file) ?? Buffer.alloc(0));
    return left;
  }

  #put(name: string, content: Buffer): void {
    const file = this.#contents.push(content) - 1;
    this.#names.set(name, file);
    this.#log.push(
      { op: 'create', name, file },
      { op: 'write', file, offset: 0, bytes: content },
      { op: 'sync', file, began: this.#log.length + 2 },
      { op: 'sync-names', began: this.#log.length + 1 },
    );
  }

  /** The bytes of a file, to be damaged. */
  content(name: string): Buffer {
    const file = this.#names.get(name);
    if (file === undefined) throw new Error(`Cannot damage "${name}": there is no such file`);
    return this.#contents[file]!;
  }
}

/** Lets others have their turn, as a disk would. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function applyName(names: Map<string, number>, one: Extract<Operation, { readonly name: string }>): void {
  if (one.op === 'remove' || one.op === 'rename') names.delete(one.name);
  if (one.op === 'rename') names.set(one.to, one.file);
  if (one.op === 'create') names.set(one.name, one.file);
}

function resized(content: Buffer, length: number): Buffer {
  const copy = Buffer.alloc(length);
  content.copy(copy);
  return copy;
}

function written(content: Buffer, bytes: Buffer, offset: number): Buffer {
  const copy = resized(content, Math.max(content.length, offset + bytes.length));
  bytes.copy(copy, offset);
  return copy;
}

/** Some sectors of a write are there, in any order; it may end early. */
function torn(content: Buffer, bytes: Buffer, offset: number, random: () => number): Buffer {
  const most = random() < 0.5 ? bytes.length : Math.floor(random() * (bytes.length + 1));
  let copy = resized(content, Math.max(content.length, offset + most));
  for (let at = 0; at < most; ) {
    const next = Math.min(most, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES));
    if (random() < 0.7) copy = written(copy, bytes.subarray(at, next), offset + at);
    at = next;
  }
  return copy;
}
