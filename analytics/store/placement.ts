import type { EpochMs, Position } from '../../ingest/model/index.ts';
import type { Dictionary } from './dictionary.ts';
import { type BatchScan, FATE } from './duplicates.ts';
import { DAY_MS, type Grain, HOUR_MS, type Partition, type PartitionList } from './partitions.ts';

const MINUTE_MS = 60_000;

/** Where the kept rows of a batch go. */
export interface Placement {
  readonly tables: readonly { readonly partition: Partition; readonly rows: Uint32Array }[];
  /** Hours that rows have reached, by their start, UTC ms. */
  readonly hours: ReadonlySet<number>;
  /** Minutes that rows have reached, counted from the epoch. */
  readonly minutes: ReadonlySet<number>;
  readonly kept: number;
}

interface Slot {
  readonly partition: Partition;
  count: number;
  rows: Uint32Array;
}

/**
 * Finds the table of each kept row, rows of one table in order of arrival.
 *
 * @param nowMs - Arrival of the batch: by it, not by the clock, a replay finds late what was late.
 */
export function placeRows(
  scan: BatchScan,
  dictionary: Dictionary,
  partitions: PartitionList,
  nowMs: EpochMs,
  since: Position,
): Placement {
  const { columns, ids, times, fate } = scan;
  const grains = Array.from(ids, (id): Grain => dictionary.grainOf(id));
  const byDay = { day: new Map<number, Slot>(), month: new Map<number, Slot>() };
  const byTable = new Map<string, Slot>();
  const minutes = new Set<number>();
  let slot: Slot | undefined;
  let slotDay = Number.NaN;
  let slotGrain: Grain | undefined;
  let minute = Number.NaN;
  let kept = 0;
  for (let row = 0; row < columns.n; row++) {
    if (fate[row] !== FATE.kept) continue;
    const time = times[row]!;
    const day = Math.floor(time / DAY_MS);
    const grain = grains[columns.datastream[row]!]!;
    if (slot === undefined || day !== slotDay || grain !== slotGrain) {
      slot = byDay[grain].get(day);
      if (slot === undefined) {
        const { partition } = partitions.openTable(time, grain, nowMs, since);
        slot = byTable.get(partition.name);
        if (slot === undefined) {
          slot = { partition, count: 0, rows: new Uint32Array(1024) };
          byTable.set(partition.name, slot);
        }
        byDay[grain].set(day, slot);
      }
      slotDay = day;
      slotGrain = grain;
    }
    if (slot.count === slot.rows.length) {
      const more = new Uint32Array(slot.rows.length * 4);
      more.set(slot.rows);
      slot.rows = more;
    }
    slot.rows[slot.count++] = row;
    kept += 1;
    const its = Math.floor(time / MINUTE_MS);
    if (its !== minute) {
      minute = its;
      minutes.add(minute);
    }
  }
  const tables = [...byTable.values()].map(({ partition, rows, count }) => ({
    partition,
    rows: rows.subarray(0, count),
  }));
  const hours = new Set(Array.from(minutes, (each) => Math.floor(each / 60) * HOUR_MS));
  return { tables, hours, minutes, kept };
}
