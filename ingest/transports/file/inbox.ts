/**
 * The inbox: a folder whose files are taken by the mapping that names them. A file is moved to `.done/` when all its rows are on
 * disk, to `.failed/` with a reason when it cannot be taken. A crash in between loses no file and loads no row twice: what
 * was begun is marked, and goes on after the last chunk that the journal holds.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeclarationState } from '../../declarations.ts';
import { IngestError } from '../../ingest-error.ts';
import type { Journal, Position, TableMapping } from '../../model/index.ts';
import { syncDir } from './blob-store.ts';
import { deliveryId, type FileDoor } from './file-door.ts';

/** Who is on record for what lies in the inbox. */
export const INBOX_PRINCIPAL = 'inbox';
/** Entries read at a time while looking for the chunks of an interrupted delivery. */
const SCAN_ENTRIES = 500;

export interface InboxOptions {
  readonly dir: string;
  /** ms between two looks; a file is taken when its size did not change from one to the next. */
  readonly pollMs: number;
  /** Marks of begun deliveries go to `deliveries/` below it. */
  readonly dataDir: string;
  readonly fileDoor: FileDoor;
  readonly journal: Pick<Journal, 'read' | 'head' | 'tail'>;
  readonly declared: () => DeclarationState;
  readonly log?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface Inbox {
  /** Looks once, now: takes every file that is ready. */
  poll(): Promise<void>;
  /** Stops looking; waits for the file under way. */
  close(): Promise<void>;
}

interface Mark {
  readonly state: 'begun' | 'complete';
  readonly delivery: string;
  /** Digest of the mapping: chunks are the same only by the same mapping. */
  readonly mapping: string;
  /** No chunk of the delivery stands before this. */
  readonly firstPosition: Position;
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
  const sizes = new Map<string, string>();
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const poll = (): Promise<void> => {
    working = working
      .then(() => look(options, sizes, () => closed))
      .catch((error: unknown) => {
        options.log?.('inbox-fault', { error: messageOf(error) });
      });
    return working;
  };
  const next = () => {
    timer = setTimeout(async () => {
      await poll();
      if (!closed) next();
    }, options.pollMs);
  };
  next();
  return {
    poll,
    async close() {
      closed = true;
      clearTimeout(timer);
      await working;
    },
  };
}

async function look(options: InboxOptions, sizes: Map<string, string>, closed: () => boolean): Promise<void> {
  const names = (await readdir(options.dir)).filter(isTakeable).sort();
  for (const known of sizes.keys()) if (!names.includes(known)) sizes.delete(known);
  for (const name of names) {
    if (closed()) return;
    const found = await stat(join(options.dir, name)).catch(() => undefined);
    if (!found?.isFile()) continue;
    const size = `${found.size} ${found.mtimeMs}`;
    if (sizes.get(name) === size) {
      sizes.delete(name);
      await take(options, name);
    } else sizes.set(name, size);
  }
}

/** Hidden files and those still being written by custom are left alone. */
function isTakeable(name: string): boolean {
  return !name.startsWith('.') && !name.endsWith('.part') && !name.endsWith('.tmp');
}

async function take(options: InboxOptions, name: string): Promise<void> {
  const path = join(options.dir, name);
  const mapping = mappingFor(name, options.declared());
  if (mapping === undefined) {
    await fail(options, name, `No declared mapping takes files of the name "${name}"`);
    return;
  }
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
      options.log?.('inbox-waits', { name, error: messageOf(error) });
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

/** How many chunks of the delivery the journal holds: they were queued in order, so what is there is the beginning. */
async function chunksHeld(
  journal: InboxOptions['journal'],
  delivery: string,
  firstPosition: Position,
): Promise<number> {
  let chunks = 0;
  for (let position = Math.max(firstPosition, journal.tail); position < journal.head; ) {
    const entries = await journal.read(position, SCAN_ENTRIES);
    if (entries.length === 0) break;
    for (const entry of entries) {
      const origin = entry.kind === 'message' || entry.kind === 'refusal' ? entry.raw.origin : undefined;
      if (
        origin?.transport === 'file' &&
        origin.principal === INBOX_PRINCIPAL &&
        origin.delivery === delivery
      ) {
        chunks = Math.max(chunks, origin.chunk + 1);
      }
    }
    position += entries.length;
  }
  return chunks;
}

/** The mapping whose pattern fits; of several the one with the most letters that are not wild, then by id. */
export function mappingFor(
  name: string,
  declared: Pick<DeclarationState, 'mappings'>,
): TableMapping | undefined {
  let best: { mapping: TableMapping; letters: number } | undefined;
  for (const mapping of declared.mappings()) {
    for (const glob of mapping.files) {
      if (!matchesGlob(glob, name)) continue;
      const letters = glob.replaceAll('*', '').length;
      const better =
        best === undefined ||
        letters > best.letters ||
        (letters === best.letters && mapping.id < best.mapping.id);
      if (better) best = { mapping, letters };
    }
  }
  return best?.mapping;
}

/** `*` stands for any text. */
function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return glob === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

async function fail(options: InboxOptions, name: string, reason: string): Promise<void> {
  const target = await freeName(join(options.dir, '.failed'), name);
  await writeFile(`${target}.reason.txt`, `${reason}\n`);
  await rename(join(options.dir, name), target);
  await syncDir(join(options.dir, '.failed'));
  options.log?.('inbox-failed', { name, reason });
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

async function readMark(path: string): Promise<Mark | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Mark);
}

async function writeMark(path: string, mark: Mark): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o640);
  try {
    await file.writeFile(JSON.stringify(mark));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncDir(join(path, '..'));
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
