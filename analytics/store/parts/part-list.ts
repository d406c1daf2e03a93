import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import type { Part } from './part.ts';

/** The parts that count now. */
export class PartList {
  readonly #byDataset = new Map<string, Part[]>();

  get all(): readonly Part[] {
    return [...this.#byDataset.values()].flat();
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
  }

  remove(dataset: string, id: string): void {
    this.#byDataset.set(
      dataset,
      this.of(dataset).filter((part) => part.id !== id),
    );
  }

  clear(): void {
    this.#byDataset.clear();
  }

  /** Is a row that came in by this entry in a part already? */
  covers(dataset: string, timeMs: EpochMs, position: Position): boolean {
    return this.of(dataset).some((part) =>
      part.covers.some(
        (cover) =>
          timeMs >= cover.from && timeMs < cover.to && position >= cover.since && position < cover.until,
      ),
    );
  }
}
