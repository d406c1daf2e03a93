import type { Declaration, DecodeContext, LoadBatch, Position } from './model/index.ts';
import { type PipelineItem, weightOf } from './pipeline-recent.ts';
import type { DecodedEntry, EncodeInTurns, EncodeOutcomes } from './worker/decoded-entry.ts';

/** Gathers whole entries into a `LoadBatch`; where it is cut depends on the entries alone, not on where they came from. */
export class BatchBuilder {
  readonly #from: Position;
  readonly #maxWeight: number;
  readonly #entries: DecodedEntry[] = [];
  readonly #declarations: Declaration[] = [];
  #to: Position;
  #weight = 0;

  constructor(from: Position, maxWeight: number) {
    this.#from = from;
    this.#to = from;
    this.#maxWeight = maxWeight;
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
    if (item.kind === 'entry') this.#entries.push(item.entry);
    else if (!item.snapshot || item.position === tail) this.#declarations.push(...item.declarations);
    return true;
  }

  /** The batch, encoded. */
  async build(
    encode: EncodeOutcomes | EncodeInTurns,
    head: Position,
    latest: DecodeContext,
  ): Promise<LoadBatch> {
    const newest = this.#entries.at(-1);
    return {
      from: this.#from,
      to: this.#to,
      head,
      ...(newest === undefined ? {} : { newestReceivedAt: newest.receivedAt }),
      declarations: this.#declarations,
      ...(await encode(this.#entries, newest?.context ?? latest)),
    };
  }
}
