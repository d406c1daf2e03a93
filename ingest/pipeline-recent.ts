import type { Declaration, Position } from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

/** One position as a reader sees it: a decoded entry, or a change of what is declared. */
export type PipelineItem =
  | { readonly kind: 'entry'; readonly position: Position; readonly entry: DecodedEntry }
  | {
      readonly kind: 'control';
      readonly position: Position;
      readonly snapshot: boolean;
      readonly declarations: readonly Declaration[];
    };

/** How many readings an item counts for in limits; a control entry and an empty record count too. */
export function weightOf(item: PipelineItem): number {
  if (item.kind === 'control') return 1;
  let weight = 0;
  for (const outcome of item.entry.outcomes) weight += Math.max(1, outcome.items.length);
  return weight;
}

/**
 * The newest durable items, decoded already, in one unbroken run of positions. What has been read is let go; what is over
 * the limits is let go oldest first, and readers that want it read it back from disk.
 */
export class RecentItems {
  readonly #maxWeight: number;
  readonly #maxBytes: number;
  #items: PipelineItem[] = [];
  #start = 0;
  #weight = 0;
  #bytes = 0;

  /**
   * @param maxWeight - Readings kept.
   * @param maxBytes - Bytes of the messages they came from.
   */
  constructor(maxWeight: number, maxBytes: number) {
    this.#maxWeight = maxWeight;
    this.#maxBytes = maxBytes;
  }

  /** Position of the oldest item; undefined when empty. */
  get first(): Position | undefined {
    return this.#items[this.#start]?.position;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Adds the next position's item. */
  push(item: PipelineItem): void {
    this.#items.push(item);
    this.#weight += weightOf(item);
    this.#bytes += bytesOf(item);
    while (this.#weight > this.#maxWeight || this.#bytes > this.#maxBytes) this.#shift();
  }

  at(position: Position): PipelineItem | undefined {
    const first = this.first;
    return first === undefined || position < first ? undefined : this.#items[this.#start + position - first];
  }

  /** Lets go of everything before `position`: its reader will not ask again. */
  dropBefore(position: Position): void {
    for (let first = this.first; first !== undefined && first < position; first = this.first) this.#shift();
  }

  #shift(): void {
    const item = this.#items[this.#start]!;
    this.#weight -= weightOf(item);
    this.#bytes -= bytesOf(item);
    this.#start++;
    if (this.#start > 1024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
  }
}

function bytesOf(item: PipelineItem): number {
  return item.kind === 'control' ? 0 : item.entry.byteLength;
}
