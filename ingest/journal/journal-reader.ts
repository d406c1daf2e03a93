/** Reading a journal back, from any position, while it grows, is packed and is shortened. Only synced entries are seen. */
import type { JournalDamage, JournalEntry, Position } from '../model/index.ts';
import { damageOf } from './damage.ts';
import type { Hash64 } from './hash64.ts';
import { type HeldSegment, isGone } from './held-segment.ts';
import type { JournalFs } from './journal-fs.ts';
import { BlockStore } from './packed/block-store.ts';
import { PackedSegment } from './packed/packed-segment.ts';
import { openPlain, PlainSegment } from './plain-segment.ts';
import type { EntryView, ReadableSegment } from './readable-segment.ts';
import type { ActiveSegment } from './segment-writer.ts';

/** Bytes of entries one `read` gathers at most, after its first entry: bounds memory whatever the limit says. */
const MAX_READ_BYTES = 16 * 1024 * 1024;
/** Closed segments whose index is kept; that of another is read again. */
const MAX_INDEXES = 64;

/** What the redelivery recogniser needs of an entry. */
export interface RedeliveryKey extends Hash64 {
  /** As `clientKey` makes it. */
  client: string;
  packetId: number;
  position: Position;
}

type ControlEntry = Extract<JournalEntry, { kind: 'control' }>;

interface Growing {
  readonly head: Position;
  readonly active: ActiveSegment | undefined;
}

export class JournalReader {
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #sealed: HeldSegment[];
  readonly #growing: () => Growing;
  readonly #known = new Map<Position, Promise<ReadableSegment>>();
  readonly #blocks = new BlockStore();
  readonly #reading = new Set<Promise<unknown>>();

  constructor(dir: string, fs: JournalFs, sealed: readonly HeldSegment[], growing: () => Growing) {
    this.#dir = dir;
    this.#fs = fs;
    this.#sealed = [...sealed];
    this.#growing = growing;
  }

  /** The closed segments, oldest first. */
  get sealed(): readonly HeldSegment[] {
    return this.#sealed;
  }

  get tail(): Position {
    return this.#sealed[0]?.first ?? this.#growing().active?.first ?? this.#growing().head;
  }

  /** Position after the last entry of `sealed[i]`. */
  endOf(i: number): Position {
    return this.#sealed[i + 1]?.first ?? this.#growing().active?.first ?? this.#growing().head;
  }

  /** Takes over a segment that will not grow any more, before the next one counts. */
  seal({ first, bytes, salt, index }: ActiveSegment): void {
    this.#sealed.push({ first, bytes, form: 'plain' });
    const about = { first, end: index.next, bytes, salt };
    this.#know(
      first,
      Promise.resolve(new PlainSegment(this.#dir, this.#fs, about, [{ index, endOffset: bytes }])),
    );
  }

  /** From now on a segment is read in this form. */
  replace(segment: HeldSegment): void {
    const i = this.#sealed.findIndex(({ first }) => first === segment.first);
    if (i < 0) return;
    this.#sealed[i] = segment;
    this.#known.delete(segment.first);
  }

  /** The oldest segment is not read any more. */
  dropOldest(): void {
    const segment = this.#sealed.shift();
    if (segment !== undefined) this.#known.delete(segment.first);
  }

  /** What was to be deleted is still there. */
  restoreOldest(segment: HeldSegment): void {
    this.#sealed.unshift(segment);
  }

  /** Instant of the first entry of the segment that grows; null where there is none. */
  get activeFirstAt(): number | null {
    const at = this.#growing().active?.index.firstAt;
    return at === undefined || Number.isNaN(at) ? null : at;
  }

  /** A closed segment, for its upkeep. */
  open(segment: HeldSegment): Promise<ReadableSegment> {
    return this.#track(this.#sealedAt(this.#sealed.indexOf(segment)));
  }

  /**
   * Entries from `from` on, at most `limit`, fewer when they are large or where damage follows them.
   *
   * @throws {DamageError} where the first of them cannot be read.
   */
  read(from: Position, limit: number): Promise<readonly JournalEntry[]> {
    return this.#track(this.#read(from, limit));
  }

  /** What cannot be read at `position`; undefined where it can be. */
  async damageAt(position: Position): Promise<JournalDamage | undefined> {
    try {
      await this.read(position, 1);
      return undefined;
    } catch (error) {
      const damage = damageOf(error);
      if (damage === undefined) throw error;
      return damage;
    }
  }

  /** Control entries of the segment that holds `position`, before it; those that can be read. */
  controlsBefore(position: Position): Promise<readonly ControlEntry[]> {
    return this.#track(this.#controlsBefore(Math.max(position, this.tail)));
  }

  scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void> {
    return this.#track(this.#scanKeys(entries, visit));
  }

  /** The first entry of instant `at` or later; the head where there is none. */
  positionAt(at: number): Promise<Position> {
    return this.#track(this.#positionAt(at));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#reading);
  }

  async #read(from: Position, limit: number): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let bytes = 0;
    const visit = (view: EntryView) => {
      entries.push(view.entry());
      bytes += view.bytes;
      return entries.length < limit && bytes < MAX_READ_BYTES;
    };
    try {
      await this.#scan(from, limit, true, visit);
    } catch (error) {
      if (entries.length === 0) throw error;
    }
    return entries;
  }

  /** Shows the entries from `from` on, segment after segment, until `visit` returns false or the head is reached. */
  async #scan(
    from: Position,
    expected: number,
    verify: boolean,
    visit: (view: EntryView) => boolean,
  ): Promise<void> {
    let position = from;
    let more = true;
    for (let again = false; more && position < this.#growing().head; ) {
      position = Math.max(position, this.tail);
      let shown = position;
      try {
        const segment = await this.#segmentOf(position);
        await segment.scan({ from: position, expected, verify }, (view) => {
          shown = view.position + 1;
          more = visit(view);
          return more;
        });
        position = segment.end;
        again = false;
      } catch (error) {
        // Packed or deleted in the meantime: what it is now is known a moment later.
        if (!isGone(error) || again) throw error;
        again = true;
        position = shown;
      }
    }
  }

  async #controlsBefore(position: Position): Promise<readonly ControlEntry[]> {
    const { head } = this.#growing();
    if (head === 0) return [];
    // At the head the last segment's state is asked for.
    let segment = await this.#segmentOf(Math.min(position, head - 1));
    const controls = await this.#readControls(segment, position);
    // Where the snapshot cannot be read, what was declared is told by the segment before.
    while (controls[0]?.position !== segment.first && segment.first < position && segment.first > this.tail) {
      segment = await this.#segmentOf(segment.first - 1);
      controls.unshift(...(await this.#readControls(segment, position)));
    }
    return controls;
  }

  /** The control entries of a segment before `position`, but for those that are damaged. */
  async #readControls(segment: ReadableSegment, position: Position): Promise<ControlEntry[]> {
    const controls: ControlEntry[] = [];
    for (const at of await segment.controls()) {
      if (at >= position) break;
      try {
        await this.#scan(at, 1, true, (view) => {
          const entry = view.entry();
          if (entry.kind === 'control') controls.push(entry);
          return false;
        });
      } catch (error) {
        if (damageOf(error) === undefined) throw error;
      }
    }
    return controls;
  }

  async #scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void> {
    const { head } = this.#growing();
    const key: RedeliveryKey = { client: '', packetId: 0, lo: 0, hi: 0, position: 0 };
    const show = (view: EntryView) => {
      const told = view.key(key);
      if (told !== undefined) {
        key.client = told.client;
        key.packetId = told.packetId;
        key.position = view.position;
        visit(key);
      }
      return view.position + 1 < head;
    };
    for (let position = Math.max(this.tail, head - entries); position < head; ) {
      try {
        await this.#scan(position, Number.POSITIVE_INFINITY, false, show);
        return;
      } catch (error) {
        // A redelivery of what cannot be read cannot be told; those of the rest can.
        const damage = damageOf(error);
        if (damage === undefined) throw error;
        position = damage.to;
      }
    }
  }

  async #positionAt(at: number): Promise<Position> {
    for (let i = 0; i < this.#sealed.length; i++) {
      const { header, first } = this.#sealed[i]!;
      if (header !== undefined && !(header.maxAt >= at)) continue;
      const segment = await this.#sealedAt(i);
      const found = (await segment.maxAt()) >= at ? await segment.firstSince(at) : undefined;
      if (found !== undefined) return found;
      // Deleted while it was looked at: the list has moved.
      if (this.#sealed[i]?.first !== first) return this.#positionAt(at);
    }
    const { active } = this.#growing();
    const found = active === undefined ? undefined : await this.#activeSegment(active).firstSince(at);
    return found ?? this.#growing().head;
  }

  #activeSegment(active: ActiveSegment): PlainSegment {
    const { first, bytes, salt, index } = active;
    const about = { first, end: index.next, bytes, salt };
    return new PlainSegment(this.#dir, this.#fs, about, [{ index, endOffset: bytes }]);
  }

  async #segmentOf(position: Position): Promise<ReadableSegment> {
    const { active } = this.#growing();
    if (active !== undefined && position >= active.first) return this.#activeSegment(active);
    let low = 0;
    let high = this.#sealed.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#sealed[middle]!.first <= position) low = middle;
      else high = middle - 1;
    }
    return this.#sealedAt(low);
  }

  #sealedAt(i: number): Promise<ReadableSegment> {
    const held = this.#sealed[i]!;
    const { first, form, bytes, header } = held;
    const known = this.#known.get(first);
    if (known !== undefined) return known;
    const end = this.endOf(i);
    const segment =
      form === 'plain'
        ? openPlain(this.#dir, this.#fs, { first, end, bytes })
        : Promise.resolve(new PackedSegment(this.#dir, this.#fs, this.#blocks, { first, end, header }));
    segment.catch(() => this.#known.delete(first));
    return this.#know(first, segment);
  }

  #know(first: Position, segment: Promise<ReadableSegment>): Promise<ReadableSegment> {
    if (this.#known.size >= MAX_INDEXES) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(first, segment);
    return segment;
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#reading.add(work);
    try {
      return await work;
    } finally {
      this.#reading.delete(work);
    }
  }
}
