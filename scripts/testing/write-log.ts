/**
 * What a process writes under a folder, as the kernel was asked for it: every write, sync, rename and removal in order, by
 * `strace`. It sees what a seam in our code cannot: the files that DuckDB writes by itself.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type WriteEvent =
  | { readonly kind: 'open'; readonly path: string; readonly created: boolean; readonly truncated: boolean }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  /** A line of the process on its standard output: what it has promised by then. */
  | { readonly kind: 'said'; readonly line: string };

const CALLS =
  'openat,write,pwrite64,lseek,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,rmdir,ftruncate,mkdir,mkdirat';
/** Calls that would write past the log: a run that uses one is refused. */
const UNKNOWN = 'writev,pwritev,pwritev2,copy_file_range,sendfile,fallocate,msync,io_uring_enter';

export function straceThere(): boolean {
  return spawnSync('strace', ['-V']).status === 0;
}

/**
 * Runs `node ...args` to its end and gives what it wrote under `folder`.
 *
 * @throws {Error} when it fails, or writes by a call that is not followed.
 */
export async function recordWrites(folder: string, args: readonly string[]): Promise<readonly WriteEvent[]> {
  const temporary = mkdtempSync(join(tmpdir(), 'jingwei-strace-'));
  const log = join(temporary, 'log');
  const trace = `trace=${CALLS},${UNKNOWN}`;
  const strace = ['-f', '-qq', '-y', '-xx', '-s', '16777216', '-e', 'signal=none', '-e', trace, '-o', log];
  const child = spawn('strace', [...strace, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`Cannot record: the process ended with ${code}`);
  const events: WriteEvent[] = [];
  const reader = new LogReader(folder, (event) => events.push(event));
  for await (const line of createInterface({ input: createReadStream(log, 'latin1') })) reader.take(line);
  rmSync(temporary, { recursive: true, force: true });
  return events;
}

/** One open file: where the next plain write goes. */
interface Handle {
  readonly path: string;
  readonly append: boolean;
  at: number;
}

class LogReader {
  readonly #folder: string;
  readonly #emit: (event: WriteEvent) => void;
  /** First halves of calls during which another thread called, by thread. */
  readonly #unfinished = new Map<string, string>();
  readonly #handles = new Map<number, Handle>();
  readonly #sizes = new Map<string, number>();

  constructor(folder: string, emit: (event: WriteEvent) => void) {
    this.#folder = folder;
    this.#emit = emit;
  }

  take(line: string): void {
    const space = line.indexOf(' ');
    const thread = line.slice(0, space);
    let rest = line.slice(space).trimStart();
    if (rest.endsWith('<unfinished ...>')) {
      this.#unfinished.set(thread, rest.slice(0, -'<unfinished ...>'.length));
      return;
    }
    if (rest.startsWith('<...')) {
      const begun = this.#unfinished.get(thread);
      if (begun === undefined) return;
      rest = begun + rest.slice(rest.indexOf('resumed>') + 'resumed>'.length);
    }
    const paren = rest.indexOf('(');
    const equals = rest.lastIndexOf(' = ');
    if (paren < 0 || equals < 0 || rest.startsWith('-1', equals + 3)) return;
    this.#call(
      rest.slice(0, paren),
      rest.slice(paren + 1, rest.lastIndexOf(')', equals)),
      rest.slice(equals + 3),
    );
  }

  #call(name: string, args: string, answer: string): void {
    const fd = Number.parseInt(args, 10);
    const onFd = pathOf(args);
    const inside = (path: string | undefined): path is string => path?.startsWith(this.#folder) === true;
    if (name === 'openat') this.#open(args, answer);
    else if (name === 'write' && fd === 1) {
      for (const line of quoted(args)[0]!.toString().trim().split('\n')) this.#emit({ kind: 'said', line });
    } else if ((name === 'write' || name === 'pwrite64') && inside(onFd)) {
      const bytes = quoted(args)[0]!.subarray(0, Number.parseInt(answer, 10));
      const positioned = name === 'pwrite64' ? Number(args.slice(args.lastIndexOf(',') + 1)) : undefined;
      this.#write(fd, onFd, bytes, positioned);
    } else if (name === 'lseek' && inside(onFd)) {
      const handle = this.#handles.get(fd);
      if (handle !== undefined) handle.at = Number.parseInt(answer, 10);
    } else if ((name === 'fsync' || name === 'fdatasync') && inside(onFd)) {
      this.#emit({ kind: 'sync', path: onFd });
    } else if (name === 'ftruncate' && inside(onFd)) {
      const size = Number(args.slice(args.lastIndexOf(',') + 1));
      this.#sizes.set(onFd, size);
      this.#emit({ kind: 'truncate', path: onFd, size });
    } else if (name.startsWith('rename')) {
      const [from, to] = quoted(args).map(String);
      if (!inside(from) || !inside(to)) return;
      this.#sizes.set(to, this.#sizes.get(from) ?? 0);
      this.#emit({ kind: 'rename', from, to });
    } else if (name === 'unlink' || name === 'unlinkat' || name === 'rmdir') {
      const path = quoted(args).map(String)[0];
      if (inside(path)) this.#emit({ kind: 'remove', path });
    } else if (name.startsWith('mkdir')) {
      const path = quoted(args).map(String)[0];
      if (inside(path)) this.#emit({ kind: 'mkdir', path });
    } else if (UNKNOWN.split(',').includes(name) && inside(onFd)) {
      throw new Error(`Cannot follow ${name} to ${onFd}`);
    }
  }

  #open(args: string, answer: string): void {
    const path = quoted(args).map(String)[0]!;
    if (!path.startsWith(this.#folder)) return;
    const has = (flag: string) => args.includes(flag);
    const truncated = has('O_TRUNC');
    if (truncated || !this.#sizes.has(path)) this.#sizes.set(path, 0);
    const fd = Number.parseInt(answer, 10);
    this.#handles.set(fd, { path, append: has('O_APPEND'), at: 0 });
    if (has('O_CREAT') || truncated) this.#emit({ kind: 'open', path, created: has('O_CREAT'), truncated });
  }

  #write(fd: number, path: string, bytes: Buffer, positioned: number | undefined): void {
    const size = this.#sizes.get(path) ?? 0;
    const handle = this.#handles.get(fd);
    const offset = positioned ?? (handle === undefined || handle.append ? size : handle.at);
    if (positioned === undefined && handle !== undefined) handle.at = offset + bytes.length;
    this.#sizes.set(path, Math.max(size, offset + bytes.length));
    this.#emit({ kind: 'write', path, offset, bytes });
  }
}

/** Text between quotes: `-xx` writes every byte as `\xhh`. */
function quoted(args: string): Buffer[] {
  return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text]) => fromHex(text!));
}

/** The path that `-y` puts behind a file descriptor. */
function pathOf(args: string): string | undefined {
  const match = /^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(args);
  return match === null ? undefined : fromHex(match[1]!).toString();
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
