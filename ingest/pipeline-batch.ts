import type { Declaration, EpochMs, JournalDamage, Position } from './model/index.ts';
import { type PipelineItem, weightOf } from './pipeline-recent.ts';
import type { BatchEncoder } from './worker/decoded-entry.ts';
import type { PackedBatch } from './worker/packed-batch.ts';

/** Gathers whole entries into a batch; where it is cut depends on the entries alone, not on where they came from. */
export class BatchBuilder {
  readonly #from: Position;
  readonly #maxWeight: number;
  readonly #encoder: BatchEncoder;
  readonly #declarations: Declaration[] = [];
  readonly #lost: JournalDamage[] = [];
  #newestReceivedAt: EpochMs | undefined;
  #to: Position;
  #weight = 0;

  constructor(from: Position, maxWeight: number, encoder: BatchEncoder) {
    this.#from = from;
    this.#to = from;
    this.#maxWeight = maxWeight;
    this.#encoder = encoder;
  }

  get from(): Position {
    return this.#from;
  }

  /** Position of the item wanted next. */
  get to(): Position {
    return this.#to;
  }

  get full(): boolean {
    return this.#weight >= this.#maxWeight;
  }

  /**
   * Takes the item of position `to`, unless the batch would grow over its limit by it; the first item is always taken.
   *
   * @param tail - The oldest position held. A snapshot says nothing new but there.
   */
  add(item: PipelineItem, tail: Position): boolean {
    const weight = weightOf(item);
    if (this.#to > this.#from && this.#weight + weight > this.#maxWeight) return false;
    this.#weight += weight;
    this.#to = item.position + 1;
    if (item.kind === 'entry') {
      this.#encoder.add(item.entry);
      this.#newestReceivedAt = item.entry.receivedAt;
    } else if (!item.snapshot || item.position === tail) this.#declarations.push(...item.declarations);
    return true;
  }

  /** Goes on behind entries that cannot be read. */
  pass(damage: JournalDamage): void {
    this.#lost.push(damage);
    this.#to = damage.to;
  }

  /** The batch, encoded. */
  async build(head: Position): Promise<PackedBatch> {
    return {
      from: this.#from,
      to: this.#to,
      head,
      ...(this.#newestReceivedAt === undefined ? {} : { newestReceivedAt: this.#newestReceivedAt }),
      declarations: this.#declarations,
      ...(this.#lost.length === 0 ? {} : { lost: this.#lost }),
      ...(await this.#encoder.finish()),
    };
  }
}
