/**
 * The journal on files: append-only segments, one `fdatasync` a group of entries, an answer only after it. Positions are
 * given at once and in order; while one batch syncs, the next gathers. When the disk refuses, everything not yet synced
 * is refused with it and its positions are given again: what follows a lost entry must not outlive it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { IngestError } from '../ingest-error.ts';
import type { JournalDamage, JournalEntry, JournalEntryBody, Position } from '../model/index.ts';
import { type AppendPlan, planBehind } from './append-plan.ts';
import { CommitBatch } from './commit-batch.ts';
import { DamageLog } from './damage.ts';
import { faultOf } from './disk-fault.ts';
import type { ByteSink } from './entry-codec.ts';
import { FreeSpace } from './free-space.ts';
import type { Hash64 } from './hash64.ts';
import { restOf } from './journal-at-rest.ts';
import type { FileJournal, JournalListener, JournalOptions, JournalStats } from './journal-contract.ts';
import { type JournalFs, nodeFs } from './journal-fs.ts';
import { JournalReader, type RedeliveryKey } from './journal-reader.ts';
import { acquireLock } from './lock.ts';
import { type JournalMarks, openMarks } from './marks.ts';
import { RecentMax } from './recent-max.ts';
import { type Recovered, recoverJournal, type TornTail } from './recover.ts';
import { SegmentWriter } from './segment-writer.ts';
import { Upkeep } from './upkeep.ts';

/** A batch is sealed at this size: bounds the wait of its first entry for the write of its last. Bytes. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** A gathering batch of this size goes at once, without waiting `groupCommitMs` for company. Bytes. */
const EAGER_BYTES = 64 * 1024;
/** Above this much unsynced data appending is refused at once; doors stop reading long before. Bytes. */
export const DEFAULT_MAX_PENDING_BYTES = 256 * 1024 * 1024;
/** After a refusal of the disk the next append tries it again no sooner than this. ms. */
const RETRY_MS = 200;
/** While nobody appends, a disk that refused is tried this often: a quiet door gets well by itself too. ms. */
const PROBE_MS = 1000;

/**
 * Opens or creates the journal in `options.dir`.
 *
 * @throws {IngestError} `journal-locked`, `journal-corrupt`, or a fault of the disk.
 */
export async function openJournal(options: JournalOptions): Promise<FileJournal> {
  await mkdir(options.dir, { recursive: true });
  const lock = await acquireLock(options.dir, (pid) => options.log?.('journal-lock-reclaimed', { pid }));
  const fs = options.fs ?? nodeFs;
  let recovered: Recovered | undefined;
  try {
    recovered = await recoverJournal(options.dir, fs, options.skipDamaged ?? false);
    const marks = await openMarks(options, fs);
    for (const torn of recovered.torn) options.log?.('journal-torn-tail', { ...torn });
    const journal = new SegmentedJournal(options, fs, recovered, marks, () => lock.release());
    await journal.begin(recovered);
    journal.start();
    return journal;
  } catch (error) {
    await recovered?.last?.file.close();
    await lock.release();
    throw faultOf(error);
  }
}

class SegmentedJournal implements FileJournal {
  readonly torn: readonly TornTail[];
  readonly marks: JournalMarks;
  readonly #options: JournalOptions;
  readonly #release: () => Promise<void>;
  readonly #reader: JournalReader;
  readonly #writer: SegmentWriter;
  readonly #freeSpace: FreeSpace;
  readonly #upkeep: Upkeep;
  readonly #damaged: DamageLog;
  #listener: JournalListener = { onSegment() {}, onDurable() {}, onRefused() {} };
  #head: Position;
  #plan: AppendPlan;
  #queue: CommitBatch[] = [];
  #spare: ByteSink[] = [];
  #running = false;
  #timer: NodeJS.Timeout | true | undefined;
  #idle: Promise<void> = Promise.resolve();
  #pendingBytes = 0;
  #closed = false;
  #fault: IngestError | undefined;
  #faultSince = 0;
  #retryAt = 0;
  #probing: NodeJS.Timeout | undefined;
  #syncs = 0;
  readonly #syncMsMax = new RecentMax();

  constructor(
    options: JournalOptions,
    fs: JournalFs,
    recovered: Recovered,
    marks: JournalMarks,
    release: () => Promise<void>,
  ) {
    this.#options = options;
    this.#release = release;
    this.torn = recovered.torn;
    this.#head = recovered.next;
    this.marks = marks;
    this.#damaged = new DamageLog(options.log);
    this.#freeSpace = new FreeSpace(fs, options.dir, options.minFreeBytes, (bytes) =>
      this.#upkeep.relieve(bytes),
    );
    const last = recovered.last === undefined ? undefined : { ...recovered.last };
    this.#writer = new SegmentWriter(options.dir, fs, last, (segment) => {
      this.#reader.seal(segment);
      void this.#upkeep.poke();
    });
    this.#plan = planBehind(this.#writer.active, this.#head);
    this.#reader = new JournalReader(options.dir, fs, recovered.sealed, () => ({
      head: this.#head,
      active: this.#writer.active,
    }));
    this.#upkeep = new Upkeep({
      journal: options,
      fs,
      reader: this.#reader,
      marks,
      activeBytes: () => this.#writer.active?.bytes ?? 0,
      busy: () => this.#pendingBytes > 0,
      rollIfOld: () => this.#rollIfOld(),
    });
  }

  get head(): Position {
    return this.#head;
  }
  get tail(): Position {
    return this.#reader.tail;
  }
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  listen(listener: JournalListener): void {
    this.#listener = listener;
  }

  /** Tells what was declared, and writes the snapshot of a first segment, so that it is on disk before a door opens. */
  async begin({ last, controls, damaged }: Recovered): Promise<void> {
    for (const damage of damaged) this.#damaged.note(damage);
    const declared = last === undefined ? await this.#reader.controlsBefore(this.#head) : controls;
    for (const entry of declared) this.#options.onControl(entry);
    if (last !== undefined) return;
    const snapshot = this.#roll();
    this.#start();
    await snapshot;
  }

  /** Packing and deleting begin. */
  start(): void {
    this.#upkeep.start();
  }

  append(body: JournalEntryBody): Promise<Position> {
    try {
      return this.enqueue(body).durable;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  enqueue(body: JournalEntryBody, hash?: Hash64): { position: Position; durable: Promise<Position> } {
    this.#refuseIfUnfit();
    if (this.#plan.offset >= this.#options.segmentBytes && !this.#plan.empty) this.#roll();
    const batch = this.#gathering();
    const before = batch.sink.length;
    const durable = batch.add(body, hash);
    const bytes = batch.sink.length - before;
    this.#pendingBytes += bytes;
    this.#plan.offset += bytes;
    this.#plan.empty = false;
    const position = this.#plan.next++;
    this.#schedule();
    return { position, durable };
  }

  read(from: Position, limit: number): Promise<readonly JournalEntry[]> {
    return this.#damaged.watch(this.#reader.read(from, limit));
  }
  async damageAt(position: Position): Promise<JournalDamage | undefined> {
    const damage = await this.#reader.damageAt(position);
    if (damage !== undefined) this.#damaged.note(damage);
    return damage;
  }
  positionAt(at: number): Promise<Position> {
    return this.#reader.positionAt(at);
  }
  async release(position: Position): Promise<void> {
    await this.marks.release(position);
    void this.#upkeep.poke();
  }
  tidy(): Promise<void> {
    return this.#upkeep.poke();
  }
  controlsBefore(position: Position): Promise<readonly Extract<JournalEntry, { kind: 'control' }>[]> {
    return this.#reader.controlsBefore(position);
  }
  scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void> {
    return this.#reader.scanKeys(entries, visit);
  }

  stats(): JournalStats {
    return {
      ...restOf(this.#reader, this.#upkeep, this.marks),
      syncs: this.#syncs,
      syncMsMax: this.#syncMsMax.read(),
      fault: this.#fault ?? null,
      damaged: this.#damaged.ranges,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (typeof this.#timer === 'object') clearTimeout(this.#timer);
    clearTimeout(this.#probing);
    this.#start();
    // A probe under way starts what waits behind it.
    do await this.#idle;
    while (this.#running);
    await this.#upkeep.close();
    await this.#reader.close();
    await this.#writer.close();
    await this.#release();
  }

  #refuseIfUnfit(): void {
    if (this.#closed) throw new IngestError('closed', 'Cannot append: the journal is closed');
    const limit = this.#options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
    if (this.#pendingBytes > limit) {
      throw new IngestError(
        'journal-overloaded',
        `Cannot append: ${this.#pendingBytes} bytes wait for the disk, must be at most ${limit}`,
      );
    }
    if (this.#fault !== undefined && performance.now() < this.#retryAt) throw this.#fault;
  }

  /** The batch that takes the next entry: the last one, unless it is being written or large enough. */
  #gathering(): CommitBatch {
    const last = this.#queue.at(-1);
    const writing = this.#running && this.#queue.length === 1;
    if (last !== undefined && !writing && last.sink.length < MAX_BATCH_BYTES) return last;
    const batch = new CommitBatch(this.#plan.next, this.#plan.salt, false, this.#spare.pop());
    this.#queue.push(batch);
    return batch;
  }

  /** Begins a new segment with a snapshot of the declarations, in a batch of its own. */
  #roll(): Promise<Position> {
    const position = this.#plan.next;
    const salt = randomBytes(4).readUInt32LE(0);
    const batch = new CommitBatch(position, salt, true, this.#spare.pop());
    const declarations = this.#options.snapshot();
    const at = this.#options.clock();
    const durable = batch.add({ kind: 'control', at, snapshot: true, declarations });
    // Whoever waits for an entry behind the snapshot hears of its failure too.
    durable.catch(() => undefined);
    this.#queue.push(batch);
    this.#plan = { next: position + 1, salt, offset: batch.sink.length, empty: true, since: at };
    this.#pendingBytes += batch.sink.length;
    this.#listener.onSegment(position);
    return durable;
  }

  /** A segment that holds more than its snapshot is closed when it is old enough, so that it can be packed. */
  #rollIfOld(): void {
    const { segmentMaxAgeMs, clock } = this.#options;
    if (segmentMaxAgeMs === undefined || this.#plan.empty || this.#closed || this.#fault !== undefined)
      return;
    if (clock() - this.#plan.since < segmentMaxAgeMs) return;
    this.#roll().catch(() => undefined);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#running || this.#timer !== undefined) return;
    const wait = this.#options.groupCommitMs;
    const eager = wait <= 0 || this.#pendingBytes >= EAGER_BYTES;
    const start = () => {
      this.#timer = undefined;
      this.#start();
    };
    if (eager) setImmediate(start);
    this.#timer = eager ? true : setTimeout(start, wait);
  }

  #start(): void {
    if (this.#running || this.#queue.length === 0) return;
    this.#running = true;
    this.#idle = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue[0]!;
      try {
        await this.#write(batch);
      } catch (error) {
        this.#refuseAll(faultOf(error));
        break;
      }
      this.#queue.shift();
      this.#pendingBytes -= batch.sink.length;
      this.#endFault();
      this.#listener.onDurable(this.#head);
      batch.resolveAll();
      if (this.#spare.length < 2 && batch.sink.buffer.length <= MAX_BATCH_BYTES * 2)
        this.#spare.push(batch.sink);
    }
    this.#running = false;
  }

  async #write(batch: CommitBatch): Promise<void> {
    const began = performance.now();
    const bytes = batch.sink.length;
    await this.#freeSpace.check(bytes, began, this.#fault !== undefined);
    await this.#writer.write(batch);
    this.#head = batch.first + batch.count;
    this.#freeSpace.written(bytes);
    this.#syncs++;
    this.#syncMsMax.note(performance.now() - began);
    if (batch.startsSegment) this.#options.log?.('journal-segment', { position: batch.first, bytes });
  }

  /** Nothing of the queue is on disk for certain: refuse it all and give its positions again. */
  #refuseAll(error: IngestError): void {
    const refused = this.#queue;
    this.#queue = [];
    this.#pendingBytes = 0;
    this.#beginFault(error);
    this.#plan = planBehind(this.#writer.active, this.#head);
    this.#listener.onRefused(this.#head, error);
    for (const batch of refused) batch.rejectAll(error);
  }

  #beginFault(error: IngestError): void {
    const now = performance.now();
    if (this.#fault === undefined) {
      this.#faultSince = now;
      this.#options.log?.('journal-fault', { code: error.code, detail: error.message, position: this.#head });
    }
    this.#fault = error;
    this.#retryAt = now + RETRY_MS;
    this.#probeLater();
  }

  #endFault(): void {
    if (this.#fault === undefined) return;
    const lastedMs = Math.round(performance.now() - this.#faultSince);
    this.#options.log?.('journal-recovered', { code: this.#fault.code, lastedMs });
    this.#fault = undefined;
    clearTimeout(this.#probing);
    this.#probing = undefined;
  }

  #probeLater(): void {
    if (this.#closed || this.#probing !== undefined) return;
    this.#probing = setTimeout(() => {
      this.#probing = undefined;
      if (this.#closed || this.#fault === undefined) return;
      // What waits in the queue is the better probe.
      if (this.#running || this.#queue.length > 0) this.#probeLater();
      else {
        this.#running = true;
        this.#idle = this.#probe();
      }
    }, PROBE_MS);
    this.#probing.unref();
  }

  async #probe(): Promise<void> {
    try {
      await this.#freeSpace.check(0, performance.now(), true);
      await this.#writer.probe();
      this.#endFault();
    } catch {
      this.#probeLater();
    }
    this.#running = false;
    // Whatever came in the meantime did not start by itself.
    this.#start();
  }
}
