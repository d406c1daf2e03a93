import type { Position } from '../../ingest/model/index.ts';

/**
 * Observations lie in tables by UTC day of their phenomenonTime, in arrival order: "the last hour" is a few row groups
 * of one table, and a day leaves by DROP. What comes days late lies in one table a UTC month, and so do datasets declared
 * as archives, so that years of history do not make thousands of tables. UTC, not the city's day: where a row lies must
 * not depend on a setting.
 *
 * A table is frozen to be sealed: rows of its span that come later go to the next table. At any journal position one span
 * has one open table, so a frozen table is exactly the rows that came in by its entries and lie in no other table.
 */
export type Grain = 'day' | 'month';

/** `month`: datasets declared as archives; `late`: rows of other datasets whose day has left the day tables. */
export type TableGrain = Grain | 'late';

export interface Partition {
  /** Table name. */
  readonly name: string;
  readonly grain: TableGrain;
  /** Half-open span of phenomenonTime, UTC ms. */
  readonly from: number;
  readonly to: number;
  /** Journal position at which it was opened: no row in it came in before. */
  readonly since: Position;
  /** Journal position at which it was frozen: no row in it came in at or after it. Null while it is open. */
  readonly until: Position | null;
}

/** Where rows of `[from, to)` go now. A late table's span is a month, but some days of the month may have their own. */
export interface Route {
  readonly partition: Partition;
  readonly from: number;
  readonly to: number;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** How long after its end a day still gets a table of its own, ms. */
export const LATE_AFTER_MS = 3 * DAY_MS;

/** UTC month of an instant, half-open, ms. */
export function monthOf(timeMs: number): { readonly from: number; readonly to: number } {
  const date = new Date(timeMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) };
}

function tableName(grain: TableGrain, from: number, since: Position): string {
  const date = new Date(from);
  const digits =
    `${date.getUTCFullYear()}`.padStart(4, '0') +
    `${date.getUTCMonth() + 1}`.padStart(2, '0') +
    (grain === 'day' ? `${date.getUTCDate()}`.padStart(2, '0') : '');
  return `observation_${{ day: 'd', month: 'm', late: 'l' }[grain]}${digits}_${since}`;
}

/** The tables that hold rows now, by name; which of them a span touches, and which takes new rows. */
export class PartitionList {
  readonly #byName = new Map<string, Partition>();
  readonly #open = new Map<string, Partition>();
  #sorted: readonly Partition[] | undefined;
  /** How long after its end a day still gets a table of its own, ms. */
  lateAfterMs = LATE_AFTER_MS;
  /** Changes whenever the list does. */
  version = 0;

  get(name: string): Partition | undefined {
    return this.#byName.get(name);
  }

  /**
   * The open table for a reading, or the one that has to be made for it: that one is not in the list before `add`.
   *
   * @param grain - Of the reading's dataset.
   * @param nowMs - Arrival of the batch, the same for all its rows: by it, not by the clock, a replay finds what is late.
   * @param since - First journal position of the batch.
   */
  openTable(timeMs: number, grain: Grain, nowMs: number, since: Position): Route {
    if (grain === 'month') {
      const month = monthOf(timeMs);
      return { partition: this.#openOr('month', month, since), ...month };
    }
    const from = Math.floor(timeMs / DAY_MS) * DAY_MS;
    const day = { from, to: from + DAY_MS };
    const held = this.#open.get(openKey('day', from));
    if (held !== undefined) return { partition: held, ...day };
    const late = day.to + this.lateAfterMs <= nowMs;
    return { partition: this.#openOr(late ? 'late' : 'day', late ? monthOf(timeMs) : day, since), ...day };
  }

  add(partition: Partition): void {
    this.#byName.set(partition.name, partition);
    const key = openKey(partition.grain, partition.from);
    if (partition.until === null) this.#open.set(key, partition);
    else if (this.#open.get(key)?.name === partition.name) this.#open.delete(key);
    this.#changed();
  }

  remove(name: string): void {
    const partition = this.#byName.get(name);
    if (partition === undefined) return;
    this.#byName.delete(name);
    const key = openKey(partition.grain, partition.from);
    if (this.#open.get(key)?.name === name) this.#open.delete(key);
    this.#changed();
  }

  clear(): void {
    this.#byName.clear();
    this.#open.clear();
    this.#changed();
  }

  get all(): readonly Partition[] {
    this.#sorted ??= [...this.#byName.values()].sort(
      (a, b) => a.from - b.from || a.since - b.since || a.name.localeCompare(b.name),
    );
    return this.#sorted;
  }

  touching(from: number, to: number): readonly Partition[] {
    return this.all.filter((partition) => partition.from < to && partition.to > from);
  }

  #openOr(grain: TableGrain, span: { readonly from: number; readonly to: number }, since: Position) {
    const held = this.#open.get(openKey(grain, span.from));
    if (held !== undefined) return held;
    const name = tableName(grain, span.from, since);
    return { name, grain, ...span, since, until: null } satisfies Partition;
  }

  #changed(): void {
    this.#sorted = undefined;
    this.version += 1;
  }
}

function openKey(grain: TableGrain, from: number): string {
  return `${grain} ${from}`;
}
