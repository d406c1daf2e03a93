/**
 * The inbox: a folder whose files are taken by the mapping that names them. A file is moved to `.done/` when all its rows are on
 * disk, to `.failed/` with a reason when it cannot be taken. A crash in between loses no file and loads no row twice: what
 * was begun is marked, and goes on after the last chunk that the journal holds.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeclarationState } from '../../declarations.ts';
import type { EventLog } from '../../event-log.ts';
import { IngestError } from '../../ingest-error.ts';
import type { Journal, TableMapping } from '../../model/index.ts';
import { syncDir } from './blob-store.ts';
import { deliveryId, type FileDoor } from './file-door.ts';
import { mappingFor } from './inbox-mapping.ts';
import { chunksHeld, INBOX_PRINCIPAL, type Mark, readMark, writeMark } from './inbox-marks.ts';

/** How long a file may wait for a mapping that takes its name, unless told otherwise. ms */
const GRACE_MS = 600_000;

export interface InboxOptions {
  readonly dir: string;
  /** ms between two looks; a file is taken when its size did not change from one to the next. */
  readonly pollMs: number;
  /** Marks of begun deliveries go to `deliveries/` below it. */
  readonly dataDir: string;
  readonly fileDoor: FileDoor;
  readonly journal: Pick<Journal, 'read' | 'head' | 'tail'>;
  readonly declared: () => DeclarationState;
  /** How long a file waits for a mapping that takes its name before it is set aside, ms; default 10 minutes. */
  readonly graceMs?: number;
  /** Monotonic clock, ms. */
  readonly now?: () => number;
  readonly log?: EventLog;
}

export interface Inbox {
  /** Looks once, now: takes every file that is ready. */
  poll(): Promise<void>;
  /** Something was declared: files that waited for it are taken without waiting for the next look. */
  onDeclared(): Promise<void>;
  /** Stops looking; waits for the file under way. */
  close(): Promise<void>;
}

/** Starts looking. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  for (const dir of [
    options.dir,
    join(options.dir, '.done'),
    join(options.dir, '.failed'),
    marksDir(options),
  ]) {
    await mkdir(dir, { recursive: true });
  }
  const files: Files = { sizes: new Map(), undeclared: new Map() };
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const work = (step: () => Promise<void>): Promise<void> => {
    working = working.then(step).catch((error: unknown) => {
      options.log?.('inbox-fault', { detail: messageOf(error) });
    });
    return working;
  };
  const poll = () => work(() => look(options, files, () => true, closedNow));
  const closedNow = () => closed;
  const next = () => {
    timer = setTimeout(async () => {
      await poll();
      if (!closed) next();
    }, options.pollMs);
  };
  next();
  return {
    poll,
    onDeclared: () =>
      files.undeclared.size === 0
        ? working
        : work(() => look(options, files, (name) => files.undeclared.has(name), closedNow)),
    async close() {
      closed = true;
      clearTimeout(timer);
      await working;
    },
  };
}

interface Files {
  /** Size and time of change at the last look: a file that changes is still being written. */
  readonly sizes: Map<string, string>;
  /** Files that no mapping takes, with the moment that was first seen. */
  readonly undeclared: Map<string, number>;
}

async function look(
  options: InboxOptions,
  files: Files,
  wanted: (name: string) => boolean,
  closed: () => boolean,
): Promise<void> {
  const { sizes, undeclared } = files;
  const names = (await readdir(options.dir)).filter(isTakeable).sort();
  const present = new Set(names);
  for (const known of sizes.keys()) if (!present.has(known)) sizes.delete(known);
  for (const known of undeclared.keys()) if (!present.has(known)) undeclared.delete(known);
  for (const name of names) {
    if (closed()) return;
    if (!wanted(name)) continue;
    // Not through a link: whoever may lay files here may not read others of the server by it.
    const found = await lstat(join(options.dir, name)).catch(() => undefined);
    if (!found?.isFile()) continue;
    const size = `${found.size} ${found.mtimeMs}`;
    if (sizes.get(name) !== size) sizes.set(name, size);
    else if (await mayTake(options, undeclared, name)) {
      sizes.delete(name);
      await take(options, name);
    }
  }
}

/** Whether a mapping takes the name. Programs that declare and files they describe start side by side: a file may wait. */
async function mayTake(
  options: InboxOptions,
  undeclared: Map<string, number>,
  name: string,
): Promise<boolean> {
  if (mappingFor(name, options.declared()) !== undefined) {
    undeclared.delete(name);
    return true;
  }
  const now = (options.now ?? performance.now.bind(performance))();
  const graceMs = options.graceMs ?? GRACE_MS;
  const since = undeclared.get(name);
  if (since === undefined) {
    undeclared.set(name, now);
    if (graceMs > 0) options.log?.('inbox-undeclared', { name, graceMs });
  }
  if (now - (since ?? now) < graceMs) return false;
  undeclared.delete(name);
  const waited = graceMs > 0 ? `, not within ${Math.round(graceMs / 1000)} s either` : '';
  await fail(options, name, `No declared mapping takes files of the name "${name}"${waited}`);
  return false;
}

/** Hidden files and those still being written by custom are left alone. */
function isTakeable(name: string): boolean {
  return !name.startsWith('.') && !name.endsWith('.part') && !name.endsWith('.tmp');
}

async function take(options: InboxOptions, name: string): Promise<void> {
  const path = join(options.dir, name);
  const mapping = mappingFor(name, options.declared());
  if (mapping === undefined) return;
  options.log?.('inbox-taken', { name, mapping: mapping.id });
  try {
    const { sha256 } = await options.fileDoor.store(path);
    const delivery = deliveryId(sha256, name);
    const markPath = join(marksDir(options), `${digest(delivery)}.json`);
    const mark = await readMark(markPath);
    if (mark?.state !== 'complete')
      await deliverMarked(options, path, name, mapping, delivery, markPath, mark);
    await rename(path, await freeName(join(options.dir, '.done'), name));
    await syncDir(join(options.dir, '.done'));
    // From here on the same file laid down again is a new delivery, on purpose.
    await rm(markPath, { force: true });
    options.log?.('inbox-done', { name, delivery });
  } catch (error) {
    if (isPassing(error)) {
      options.log?.('inbox-waits', { name, detail: messageOf(error) });
      return;
    }
    await fail(options, name, messageOf(error));
  }
}

async function deliverMarked(
  options: InboxOptions,
  path: string,
  name: string,
  mapping: TableMapping,
  delivery: string,
  markPath: string,
  mark: Mark | undefined,
): Promise<void> {
  const mappingDigest = digest(JSON.stringify(mapping));
  const begun = mark?.mapping === mappingDigest ? mark : undefined;
  const fromChunk =
    begun === undefined ? 0 : await chunksHeld(options.journal, delivery, begun.firstPosition);
  const firstPosition = begun?.firstPosition ?? options.journal.head;
  const about = { delivery, mapping: mappingDigest, firstPosition };
  if (begun === undefined) await writeMark(markPath, { state: 'begun', ...about });
  await options.fileDoor.deliver(path, name, mapping.id, INBOX_PRINCIPAL, { fromChunk });
  await writeMark(markPath, { state: 'complete', ...about });
}

async function fail(options: InboxOptions, name: string, reason: string): Promise<void> {
  const target = await freeName(join(options.dir, '.failed'), name);
  await writeFile(`${target}.reason.txt`, `${reason}\n`);
  await rename(join(options.dir, name), target);
  await syncDir(join(options.dir, '.failed'));
  options.log?.('inbox-failed', { name, detail: reason });
}

/** `name` in `dir`, with a number before it when it is taken. */
async function freeName(dir: string, name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = join(dir, n === 1 ? name : `${n}-${name}`);
    if ((await stat(path).catch(() => undefined)) === undefined) return path;
  }
}

/** Faults of the disk and of an overloaded journal pass: the file stays where it is. */
function isPassing(error: unknown): boolean {
  if (error instanceof IngestError) return error.code.startsWith('journal-') || error.code === 'closed';
  return ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EMFILE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function marksDir(options: InboxOptions): string {
  return join(options.dataDir, 'deliveries');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
