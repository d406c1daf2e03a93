/**
 * Observations lie in tables by UTC day of their phenomenonTime, in arrival order: "the last hour" is a few row groups
 * of one table, and a day leaves by DROP. Datasets declared as archives lie in tables by UTC month, so that years of
 * history do not make thousands of tables. UTC, not the city's day: where a row lies must not depend on a setting.
 */
export type Grain = 'day' | 'month';

export interface Partition {
  /** Table name. */
  readonly name: string;
  readonly grain: Grain;
  /** Half-open span of phenomenonTime, UTC ms. */
  readonly from: number;
  readonly to: number;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** The table in which a reading of this instant lies. */
export function partitionOf(timeMs: number, grain: Grain): Partition {
  const date = new Date(timeMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const digits = `${year}`.padStart(4, '0') + `${month + 1}`.padStart(2, '0');
  if (grain === 'month') {
    return {
      name: `observation_m${digits}`,
      grain,
      from: Date.UTC(year, month, 1),
      to: Date.UTC(year, month + 1, 1),
    };
  }
  const from = Math.floor(timeMs / DAY_MS) * DAY_MS;
  return {
    name: `observation_d${digits}${`${date.getUTCDate()}`.padStart(2, '0')}`,
    grain,
    from,
    to: from + DAY_MS,
  };
}

/** The tables that hold rows now, by name, and which of them a span touches. */
export class PartitionList {
  readonly #byName = new Map<string, Partition>();

  get(name: string): Partition | undefined {
    return this.#byName.get(name);
  }

  add(partition: Partition): void {
    this.#byName.set(partition.name, partition);
  }

  remove(name: string): void {
    this.#byName.delete(name);
  }

  clear(): void {
    this.#byName.clear();
  }

  get all(): readonly Partition[] {
    return [...this.#byName.values()].sort((a, b) => a.from - b.from || a.name.localeCompare(b.name));
  }

  touching(from: number, to: number): readonly Partition[] {
    return this.all.filter((partition) => partition.from < to && partition.to > from);
  }
}
