import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import type { Part } from './part.ts';

/** The parts that count now. */
export class PartList {
  readonly #byDataset = new Map<string, Part[]>();

  get all(): readonly Part[] {
    return [...this.#byDataset.values()].flat();
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
