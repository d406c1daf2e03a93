/**
 * The journal side of the doors: decode, journal, answer. Everything up to the journal's queue happens in one turn, so the
 * order in which declarations take effect is the order in which they stand in the journal.
 */
import { changedDeclarations, type DeclarationState } from './declarations.ts';
import { checkDeclarations } from './declarations-check.ts';
import type { DeclarationHistory } from './declarations-history.ts';
import { damageOf } from './journal/damage.ts';
import { clientKey } from './journal/entry-codec.ts';
import { type Hash64, hashMessage } from './journal/hash64.ts';
import type { FileJournal } from './journal/journal-contract.ts';
import { createRedeliveryRecogniser, type RedeliveryRecogniser } from './journal/redelivery.ts';
import type {
  Declaration,
  JournalEntryBody,
  LoadBatch,
  Origin,
  Position,
  RawRecord,
  Receipt,
  Rejection,
} from './model/index.ts';
import { BatchBuilder } from './pipeline-batch.ts';
import type { Pipeline, PipelineMetrics, PipelineOptions } from './pipeline-contract.ts';
import { decodeBody } from './pipeline-decode.ts';
import { receiptOf } from './pipeline-receipt.ts';
import { type PipelineItem, RecentItems } from './pipeline-recent.ts';
import { ReplayCursor } from './pipeline-replay.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';
import { type PackedBatch, unpackBatch } from './worker/packed-batch.ts';

/** Readings kept in memory for the index: at 2,000 a second about 50 s of a stalled index. */
const RECENT_READINGS = 100_000;
/** Bytes of the messages these came from. */
const RECENT_BYTES = 32 * 1024 * 1024;
/** Most readings in one batch, whatever is asked for: some 10 MB on their way to the index. */
export const MAX_PULL_READINGS = 100_000;
/** How long a batch may be gathered before the doors get their turn, ms: an acknowledgement waits for about seven turns. */
const CUT_TURN_MS = 1;
/** Items between two looks at the clock. */
const CUT_ITEMS = 16;
/** Cursors kept: the index's and those of other consumers. */
const MAX_PULLERS = 16;
/** Declarations in one control entry; more are spread over several. */
const DECLARATIONS_PER_ENTRY = 1000;

/** Puts a pipeline on an opened journal; reads back the redelivery keys of its newest entries. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const recogniser = createRedeliveryRecogniser(options.redeliveryEntries);
  await options.journal.scanKeys(recogniser.capacity, (key) =>
    recogniser.remember(key.client, key.packetId, key, key.position),
  );
  return new JournalPipeline(options, recogniser);
}

/** One who pulls: a cursor on the disk, and the pull under way. */
interface Puller {
  readonly replay: ReplayCursor;
  pulling: Promise<unknown>;
}

class JournalPipeline implements Pipeline {
  readonly #journal: FileJournal;
  readonly #options: PipelineOptions;
  readonly #history: DeclarationHistory;
  readonly #recogniser: RedeliveryRecogniser;
  readonly #recent: RecentItems;
  /** The places on the disk of those who pull, by name; '' is the index. */
  readonly #pullers = new Map<string, Puller>();
  readonly #hash: Hash64 = { lo: 0, hi: 0 };
  /** Items given to the journal and not yet on disk, in its order. */
  #waiting: PipelineItem[] = [];
  #lastControl: Promise<unknown> = Promise.resolve();
  #wakers = new Set<() => void>();
  #rejected: Record<string, number> = {};
  #redeliveries = 0;
  #decoderFaults = 0;
  #closed = false;

  constructor(options: PipelineOptions, recogniser: RedeliveryRecogniser) {
    this.#options = options;
    this.#journal = options.journal;
    this.#history = options.declarations;
    this.#recogniser = recogniser;
    this.#recent = new RecentItems(options.recentReadings ?? RECENT_READINGS, RECENT_BYTES);
    options.journal.listen({
      onSegment: (position) => {
        const declarations = this.#history.current.list();
        this.#waiting.push({ kind: 'control', position, snapshot: true, declarations });
      },
      onDurable: (head) => this.#onDurable(head),
      onRefused: (head) => {
        this.#waiting = [];
        this.#lastControl = Promise.resolve();
        this.#history.rollBack(head);
        this.#recogniser.rollBack(head);
      },
    });
  }

  get pendingBytes(): number {
    return this.#journal.pendingBytes;
  }
  get declared(): DeclarationState {
    return this.#history.current;
  }

  async accept(raw: RawRecord): Promise<Receipt> {
    return this.#take({ kind: 'message', raw });
  }

  async refuse(
    raw: RawRecord,
    rejection: Rejection,
    full?: { length: number; sha256: string },
  ): Promise<Receipt> {
    const fullLength = full?.length ?? raw.bytes.length;
    return this.#take({ kind: 'refusal', raw, rejection, fullLength, sha256: full?.sha256 ?? '' });
  }

  async declare(declarations: readonly Declaration[]) {
    const changed = changedDeclarations(this.#history.current, declarations);
    checkDeclarations(this.#history.current, changed);
    for (let i = 0; i < changed.length; i += DECLARATIONS_PER_ENTRY) {
      const part = changed.slice(i, i + DECLARATIONS_PER_ENTRY);
      const entry = {
        kind: 'control',
        at: this.#options.clock(),
        snapshot: false,
        declarations: part,
      } as const;
      const { position, durable } = this.#journal.enqueue(entry);
      this.#history.apply(position, part);
      this.#waiting.push({ kind: 'control', position, snapshot: false, declarations: part });
      durable.catch(() => undefined);
      this.#lastControl = durable;
    }
    // Also where nothing changed: what made it so may still be on its way to the disk.
    await this.#lastControl;
    return { position: this.#journal.head - 1, changed: changed.length };
  }

  async pull(from: Position, maxReadings: number, waitMs: number, consumer = ''): Promise<LoadBatch> {
    return unpackBatch(await this.pullPacked(from, maxReadings, waitMs, consumer));
  }

  async pullPacked(from: Position, maxReadings: number, waitMs: number, consumer = ''): Promise<PackedBatch> {
    if (from >= this.#journal.head && waitMs > 0 && !this.#closed) await this.#nextDurable(waitMs);
    const puller = this.#pullerOf(consumer);
    // One at a time: the cursor on the disk has one place.
    const turn = puller.pulling.then(() => this.#cut(from, maxReadings, puller.replay, consumer === ''));
    puller.pulling = turn.catch(() => undefined);
    return turn;
  }

  async raw(position: Position): Promise<RawRecord | undefined> {
    if (!Number.isSafeInteger(position) || position < this.#journal.tail) return undefined;
    const [entry] = await this.#journal.read(position, 1);
    if (entry?.kind === 'message' || entry?.kind === 'refusal') {
      // Its own bytes: those of the journal lie in a buffer with others, which a post to another thread would clone.
      return { ...entry.raw, bytes: new Uint8Array(entry.raw.bytes) };
    }
    return entry?.kind === 'redelivery' ? this.raw(entry.of) : undefined;
  }

  metrics(): PipelineMetrics {
    return {
      rejected: { ...this.#rejected },
      redeliveries: this.#redeliveries,
      decoderFaults: this.#decoderFaults,
      recentReadings: this.#recent.weight,
      rememberedMessages: this.#recogniser.size,
    };
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async #take(body: Extract<JournalEntryBody, { kind: 'message' | 'refusal' }>): Promise<Receipt> {
    const { raw } = body;
    const context = this.#history.current;
    // The position is known only once the entry is in the queue; nothing in decoding depends on it.
    const decoded = decodeBody(body, 0, this.#options.sources, context, (sourceId, error) => {
      this.#decoderFaults++;
      this.#options.onDecoderFault?.(sourceId, error);
    });
    const client = this.#redeliveryKey(body);
    const packetId = raw.origin.transport === 'mqtt' ? raw.origin.packetId : 0;
    const of =
      client !== undefined && isDup(raw.origin)
        ? this.#recogniser.find(client, packetId, this.#hash)
        : undefined;
    if (of !== undefined) return this.#takeRedelivery(body, decoded, of);
    const { position, durable } = this.#journal.enqueue(body, client === undefined ? undefined : this.#hash);
    if (client !== undefined) this.#recogniser.remember(client, packetId, this.#hash, position);
    this.#waiting.push({ kind: 'entry', position, entry: { ...decoded, position } });
    await durable;
    return receiptOf(position, decoded, this.#rejected);
  }

  async #takeRedelivery(
    body: Extract<JournalEntryBody, { kind: 'message' | 'refusal' }>,
    decoded: DecodedEntry,
    of: Position,
  ): Promise<Receipt> {
    const { sourceId, origin, receivedAt } = body.raw;
    const datasets = decoded.outcomes.map((outcome) => outcome.dataset);
    const byteLength = decoded.byteLength;
    const entry = { kind: 'redelivery', sourceId, origin, receivedAt, of, datasets, byteLength } as const;
    const { position, durable } = this.#journal.enqueue(entry);
    const repeated = decodeBody(entry, position, this.#options.sources, decoded.context, () => undefined);
    this.#waiting.push({ kind: 'entry', position, entry: repeated });
    await durable;
    this.#redeliveries++;
    return { position, outcome: 'redelivery', records: datasets.length, readings: 0, rejections: [] };
  }

  /** The client whose redeliveries this message may be told from, with its hash in `#hash`; only QoS 1 is redelivered. */
  #redeliveryKey(body: Extract<JournalEntryBody, { kind: 'message' | 'refusal' }>): string | undefined {
    const { origin, bytes } = body.raw;
    if (origin.transport !== 'mqtt' || origin.qos === 0) return undefined;
    // Of a message that was cut only the beginning is here: its own digest stands for the rest.
    const topic =
      body.kind === 'refusal' ? `${origin.topic}\0${body.fullLength}\0${body.sha256}` : origin.topic;
    hashMessage(topic, bytes, this.#hash);
    return clientKey(origin.principal, origin.clientId);
  }

  #onDurable(head: Position): void {
    let done = 0;
    while (done < this.#waiting.length && this.#waiting[done]!.position < head) {
      this.#recent.push(this.#waiting[done]!);
      done++;
    }
    this.#waiting = done === this.#waiting.length ? [] : this.#waiting.slice(done);
    this.#history.settle(head);
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = new Set();
    for (const wake of wakers) wake();
  }

  #pullerOf(consumer: string): Puller {
    const known = this.#pullers.get(consumer);
    const replay = known?.replay ?? new ReplayCursor(this.#journal, this.#options.sources, () => undefined);
    const puller = known ?? { replay, pulling: Promise.resolve() };
    // The newest stand at the end; one that has not pulled for long begins anew.
    this.#pullers.delete(consumer);
    this.#pullers.set(consumer, puller);
    if (this.#pullers.size > MAX_PULLERS) this.#pullers.delete(this.#pullers.keys().next().value!);
    return puller;
  }

  /** @param letGo - Nobody else waits for what is in memory before `from`. */
  async #cut(
    from: Position,
    maxReadings: number,
    replay: ReplayCursor,
    letGo: boolean,
  ): Promise<PackedBatch> {
    const start = Math.max(from, this.#journal.tail);
    const most = Math.max(1, Math.min(maxReadings, MAX_PULL_READINGS));
    const batch = new BatchBuilder(start, most, this.#options.beginBatch());
    if (letGo) this.#recent.dropBefore(start);
    let until = performance.now() + CUT_TURN_MS;
    let full = false;
    for (let count = 1; !full && batch.to < this.#journal.head; count++) {
      const recent = this.#recent.at(batch.to);
      const items = recent === undefined ? await this.#readBack(replay, batch) : [recent];
      if (items === 'passed') continue;
      if (items.length === 0) break;
      for (const item of items) {
        full = batch.full || !batch.add(item, this.#journal.tail);
        if (full) break;
      }
      if ((recent === undefined || count % CUT_ITEMS === 0) && performance.now() > until) {
        await new Promise((resolve) => setImmediate(resolve));
        until = performance.now() + CUT_TURN_MS;
      }
    }
    return batch.build(this.#journal.head);
  }

  /** Items from `batch.to` on; none where the batch ends before damage; `passed` where it goes on behind it. */
  async #readBack(replay: ReplayCursor, batch: BatchBuilder): Promise<readonly PipelineItem[] | 'passed'> {
    try {
      return await replay.from(batch.to);
    } catch (error) {
      const damage = damageOf(error);
      if (damage === undefined) throw error;
      if (this.#options.skipDamaged === true) {
        batch.pass(damage);
        return 'passed';
      }
      if (batch.to === batch.from) throw error;
      return [];
    }
  }

  #nextDurable(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#wakers.add(done);
    });
  }
}

function isDup(origin: Origin): boolean {
  return origin.transport === 'mqtt' && origin.dup;
}
