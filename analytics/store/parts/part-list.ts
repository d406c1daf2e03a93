import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import { DAY_MS } from '../partitions.ts';
import type { Cover, Part } from './part.ts';

/** The parts that count now. */
export class PartList {
  readonly #byDataset = new Map<string, readonly Part[]>();
  readonly #coversByDay = new Map<string, Map<number, readonly Cover[]>>();
  #coversVersion = -1;
  readonly #damage = new Map<string, string>();
  /** Folder they lie in; empty while nothing is sealed. */
  folder = '';
  /** Changes whenever the list does. */
  version = 0;

  get all(): readonly Part[] {
    return [...this.#byDataset.values()].flat();
  }

  get datasets(): readonly string[] {
    return [...this.#byDataset.keys()];
  }

  /** Counts and span of all parts; `from` and `to` null without any. */
  get totals(): { count: number; rows: number; bytes: number; from: EpochMs | null; to: EpochMs | null } {
    const totals = { count: 0, rows: 0, bytes: 0, from: null as number | null, to: null as number | null };
    for (const part of this.all) {
      totals.count += 1;
      totals.rows += part.rows;
      totals.bytes += part.bytes;
      totals.from = Math.min(totals.from ?? part.from, part.from);
      totals.to = Math.max(totals.to ?? part.to, part.to);
    }
    return totals;
  }

  /** Parts that were found damaged, with the reason. They stay in the list: a question that needs one is refused. */
  get damaged(): readonly { readonly dataset: string; readonly id: string; readonly reason: string }[] {
    return this.all.flatMap(({ dataset, id }) => {
      const reason = this.#damage.get(keyOf(dataset, id));
      return reason === undefined ? [] : [{ dataset, id, reason }];
    });
  }

  of(dataset: string): readonly Part[] {
    return this.#byDataset.get(dataset) ?? [];
  }

  /** Parts of a dataset with rows in `[from, to)`. */
  touching(dataset: string, from: EpochMs, to: EpochMs): readonly Part[] {
    return this.of(dataset).filter((part) => part.from < to && part.to > from);
  }

  /** Takes a part, and leaves out those that it replaces. */
  add(part: Part): void {
    const kept = this.of(part.dataset).filter(({ id }) => id !== part.id && !part.replaces.includes(id));
    this.#byDataset.set(part.dataset, [...kept, part]);
    this.#damage.delete(keyOf(part.dataset, part.id));
    this.version += 1;
  }

  remove(dataset: string, id: string): void {
    this.#byDataset.set(
      dataset,
      this.of(dataset).filter((part) => part.id !== id),
    );
    this.#damage.delete(keyOf(dataset, id));
    this.version += 1;
  }

  clear(): void {
    this.#byDataset.clear();
    this.#damage.clear();
    this.version += 1;
  }

  markDamaged(part: Pick<Part, 'dataset' | 'id'>, reason: string): void {
    this.#damage.set(keyOf(part.dataset, part.id), reason);
  }

  /** Why the rows of a part cannot be read; undefined when they can. */
  damageOf(part: Pick<Part, 'dataset' | 'id'>): string | undefined {
    return this.#damage.size === 0 ? undefined : this.#damage.get(keyOf(part.dataset, part.id));
  }

  /** Is a row that came in by this entry in a part already? Asked of every row of a replay: remembered by day. */
  covers(dataset: string, timeMs: EpochMs, position: Position): boolean {
    if (this.#coversVersion !== this.version) {
      this.#coversByDay.clear();
      this.#coversVersion = this.version;
    }
    let days = this.#coversByDay.get(dataset);
    if (days === undefined) {
      days = new Map();
      this.#coversByDay.set(dataset, days);
    }
    const day = Math.floor(timeMs / DAY_MS);
    let covers = days.get(day);
    if (covers === undefined) {
      covers = this.coversTouching(dataset, day * DAY_MS, (day + 1) * DAY_MS);
      days.set(day, covers);
    }
    for (const { from, to, since, until } of covers) {
      if (position >= since && position < until && timeMs >= from && timeMs < to) return true;
    }
    return false;
  }

  /** What the parts of a dataset hold of a span of time: for asking about many rows of it. */
  coversTouching(dataset: string, from: EpochMs, to: EpochMs): readonly Cover[] {
    return this.of(dataset).flatMap((part) =>
      part.covers.filter((cover) => cover.from < to && cover.to > from),
    );
  }
}

function keyOf(dataset: string, id: string): string {
  return `${dataset}\u0000${id}`;
}
