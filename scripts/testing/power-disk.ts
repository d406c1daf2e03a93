import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { WriteEvent } from './write-log.ts';

/** A file or folder that may have a name, or none. What it holds outlives a power cut as of its last sync. */
interface Node {
  readonly folder: boolean;
  durable: Buffer;
  pending: ({ readonly offset: number; readonly bytes: Buffer } | { readonly size: number })[];
}

type NameChange = { readonly path: string; readonly node: Node | null };

/**
 * A disk that keeps what was synced and nothing else: bytes by a sync of their file, names by a sync of their folder. The
 * plainest reading of POSIX; file systems keep more.
 */
export class PowerDisk {
  readonly #root: string;
  readonly #live = new Map<string, Node>();
  readonly #durable = new Map<string, Node>();
  /** Changes of names since the last sync of their folder, by folder. */
  readonly #changes = new Map<string, NameChange[]>();

  constructor(root: string) {
    this.#root = root;
    const node: Node = { folder: true, durable: Buffer.alloc(0), pending: [] };
    this.#live.set(root, node);
    this.#durable.set(root, node);
  }

  apply(event: WriteEvent): void {
    if (event.kind === 'sync') this.#sync(event.path);
    else if (event.kind === 'rename') this.#rename(event.from, event.to);
    else if (event.kind === 'remove') this.#name(event.path, null);
    else if (event.kind === 'mkdir') {
      this.#name(event.path, { folder: true, durable: Buffer.alloc(0), pending: [] });
    } else if (event.kind !== 'said') this.#write(event);
  }

  #write(event: Extract<WriteEvent, { kind: 'open' | 'write' | 'truncate' }>): void {
    let node = this.#live.get(event.path);
    if (node === undefined) {
      if (event.kind !== 'open' || !event.created) return;
      node = { folder: false, durable: Buffer.alloc(0), pending: [] };
      this.#name(event.path, node);
    }
    if (event.kind === 'write') node.pending.push({ offset: event.offset, bytes: event.bytes });
    if (event.kind === 'truncate') node.pending.push({ size: event.size });
    if (event.kind === 'open' && event.truncated) node.pending.push({ size: 0 });
  }

  /**
   * Writes into `target` what is left after a power cut now.
   *
   * @param luck - Chance that a write or a name that was not synced is there all the same: 0 for none.
   */
  cut(target: string, luck: number, random: () => number): void {
    const names = new Map(this.#durable);
    for (const changes of this.#changes.values()) {
      // Names of one folder reach the disk in their order.
      const kept = luck === 0 ? 0 : Math.floor(random() * (changes.length + 1));
      for (const { path, node } of changes.slice(0, kept)) {
        if (node === null) names.delete(path);
        else names.set(path, node);
      }
    }
    mkdirSync(target, { recursive: true });
    for (const [path, node] of [...names].sort(([a], [b]) => a.length - b.length)) {
      if (path === this.#root || !this.#reachable(path, names)) continue;
      const to = join(target, relative(this.#root, path));
      if (node.folder) mkdirSync(to, { recursive: true });
      else {
        const pending = node.pending.filter(() => random() < luck);
        writeFileSync(to, pending.reduce(change, Buffer.from(node.durable)));
      }
    }
  }

  #reachable(path: string, names: ReadonlyMap<string, Node>): boolean {
    for (let folder = dirname(path); folder !== this.#root; folder = dirname(folder)) {
      if (!names.has(folder)) return false;
    }
    return true;
  }

  #sync(path: string): void {
    const node = this.#live.get(path);
    if (node === undefined) return;
    if (!node.folder) {
      node.durable = node.pending.reduce(change, node.durable);
      node.pending = [];
      return;
    }
    for (const { path: name, node: named } of this.#changes.get(path) ?? []) {
      if (named === null) this.#durable.delete(name);
      else this.#durable.set(name, named);
    }
    this.#changes.delete(path);
  }

  #name(path: string, node: Node | null): void {
    if (node === null) this.#live.delete(path);
    else this.#live.set(path, node);
    const folder = dirname(path);
    const changes = this.#changes.get(folder) ?? [];
    changes.push({ path, node });
    this.#changes.set(folder, changes);
  }

  /** A folder takes along what is in it, at once: its files do not change their folder. */
  #rename(from: string, to: string): void {
    const node = this.#live.get(from);
    if (node === undefined) return;
    for (const names of [this.#live, this.#durable]) {
      for (const [path, held] of [...names]) {
        if (!path.startsWith(`${from}/`)) continue;
        names.delete(path);
        names.set(to + path.slice(from.length), held);
      }
    }
    for (const [folder, changes] of [...this.#changes]) {
      if (folder !== from && !folder.startsWith(`${from}/`)) continue;
      this.#changes.delete(folder);
      const moved = changes.map(({ path, node: held }) => ({
        path: to + path.slice(from.length),
        node: held,
      }));
      this.#changes.set(to + folder.slice(from.length), moved);
    }
    this.#name(from, null);
    this.#name(to, node);
  }
}

function change(bytes: Buffer, write: Node['pending'][number]): Buffer {
  if ('size' in write) {
    if (write.size <= bytes.length) return bytes.subarray(0, write.size);
    return Buffer.concat([bytes, Buffer.alloc(write.size - bytes.length)]);
  }
  const end = write.offset + write.bytes.length;
  const grown = end <= bytes.length ? bytes : Buffer.concat([bytes, Buffer.alloc(end - bytes.length)]);
  write.bytes.copy(grown, write.offset);
  return grown;
}
