import { type ObservationColumns, QUALITY } from '../../ingest/model/index.ts';
import type { GrowingFloat64 } from './memory.ts';
import { hashNumber, RowTable, sameNumber } from './row-table.ts';

/** What becomes of a row of a batch. */
export const FATE = {
  /** It is written to a hot table. */
  kept: 0,
  /** It says what is known already. */
  duplicate: 1,
  /** A replay met it again: a sealed part holds it. It is not counted anew. */
  covered: 2,
  /** It is stored, but not as what stands for its instant: a correction of it is known already. */
  superseded: 3,
  /** A sealed part holds it already, but its entry was not counted: the state it starts from is older than the part. */
  sealed: 4,
} as const;

/** The rows of one batch, and what is found out about them on the way. Shape (n) each, by row. */
export interface ScannedRows {
  readonly columns: ObservationColumns;
  /** The store's datastream ids, by the batch's datastream. */
  readonly ids: Uint32Array;
  /** Whole UTC ms. */
  readonly times: Float64Array;
  /** One of FATE. */
  readonly fate: Uint8Array;
}

/** How readings of a batch are to be compared. */
export interface ScanRules {
  /** By the batch's datastream: 1 where another value for an instant is a correction, or was one. */
  readonly contests: Uint8Array;
  /**
   * Newest own time by datastream id: what is newer cannot be a duplicate. Moved forward by the scan.
   */
  readonly newest: GrowingFloat64;
  /** Rows that a replay meets again: they count nowhere, and are compared with `newest` of their own. */
  readonly replay?:
    | {
        readonly isOld: (row: number) => boolean;
        /** A part holds the row. */
        readonly isCovered: (row: number, timeMs: number) => boolean;
        readonly newest: GrowingFloat64;
      }
    | undefined;
}

export interface BatchScan extends ScannedRows {
  /** Rows that may be in the store; duplicates within the batch left out. */
  readonly candidates: readonly number[];
  /** Rows of datastreams with corrections of which the batch or the store may hold other versions. */
  readonly contested: readonly number[];
}

/**
 * The first look at a batch: finds duplicates within it and the candidates for the store. A reading newer than everything
 * its datastream has stored cannot be a duplicate; only the others are looked up. A reading whose time the server gave is
 * never a duplicate: the same bytes sent afresh are a new reading.
 */
export class DuplicateScanner {
  readonly #rows = new RowTable();
  #batch = 0;
  #replaying = false;
  /** By datastream id: the batch that moved its newest time last, and the batch in which it was late. */
  #moved = new Uint32Array(1024);
  #late = new Uint32Array(1024);
  /** Newest times as they were before the batch. */
  readonly #before: { readonly newest: GrowingFloat64; readonly id: number; readonly time: number }[] = [];
  #heldBefore = new Float64Array(1024);

  scan(columns: ObservationColumns, ids: Uint32Array, rules: ScanRules): BatchScan {
    const { n, phenomenonTime, datastream, quality } = columns;
    const { newest, contests, replay } = rules;
    this.#begin(ids);
    this.#replaying = replay !== undefined;
    const times = new Float64Array(n);
    const fate = new Uint8Array(n);
    const late: number[] = [];
    for (let row = 0; row < n; row++) {
      const time = Math.round(phenomenonTime[row]!);
      times[row] = time;
      const old = replay?.isOld(row) === true;
      if (replay?.isCovered(row, time) === true) {
        fate[row] = old ? FATE.covered : FATE.sealed;
        if (!old && (quality[row]! & QUALITY.serverTime) === 0)
          this.#raise(newest, ids[datastream[row]!]!, time);
        continue;
      }
      if ((quality[row]! & QUALITY.serverTime) !== 0) continue;
      const id = ids[datastream[row]!]!;
      const list = old ? replay.newest : newest;
      const held = list.get(id);
      // What a replay brings of these may be overtaken, however new it is.
      if (time > held && !(old && contests[datastream[row]!] === 1)) {
        this.#raise(list, id, time);
      } else {
        late.push(row);
        this.#late[id] = this.#batch;
      }
    }
    if (late.length === 0) return { columns, ids, times, fate, candidates: [], contested: [] };
    const contested = this.#withinBatch({ columns, ids, times, fate }, rules.contests);
    const candidates = late.filter((row) => {
      if (fate[row] !== FATE.kept) return false;
      const id = ids[datastream[row]!]!;
      // Of a batch that straddles the end of a replay, all are looked up: its two halves moved two times.
      return replay !== undefined || this.#moved[id] !== this.#batch || times[row]! <= this.#heldBefore[id]!;
    });
    return { columns, ids, times, fate, candidates, contested };
  }

  /** Takes the last scan back: the batch could not be loaded. */
  undo(): void {
    for (const { newest, id, time } of this.#before.splice(0).reverse()) newest.set(id, time);
  }

  #raise(list: GrowingFloat64, id: number, time: number): void {
    const held = list.get(id);
    if (time <= held) return;
    // In a batch that straddles the end of a replay one datastream may move in both lists.
    if (this.#replaying || this.#moved[id] !== this.#batch) {
      this.#moved[id] = this.#batch;
      this.#heldBefore[id] = held;
      this.#before.push({ newest: list, id, time: held });
    }
    list.set(id, time);
  }

  /** Marks duplicates among the rows of late datastreams; gives the rows of those with corrections. */
  #withinBatch({ columns, ids, times, fate }: ScannedRows, contests: Uint8Array): readonly number[] {
    const { n, datastream, result, quality } = columns;
    const contested: number[] = [];
    this.#rows.reset(n);
    for (let row = 0; row < n; row++) {
      const stream = datastream[row]!;
      const id = ids[stream]!;
      if (this.#late[id] !== this.#batch) continue;
      if ((quality[row]! & QUALITY.serverTime) !== 0 || fate[row] !== FATE.kept) continue;
      if (contests[stream] === 1) {
        contested.push(row);
        continue;
      }
      const time = times[row]!;
      const value = result[row]!;
      const first = this.#rows.firstOf(
        row,
        hashNumber(value, hashNumber(time, id)),
        (other) =>
          times[other] === time && ids[datastream[other]!] === id && sameNumber(result[other]!, value),
      );
      if (first !== row) fate[row] = FATE.duplicate;
    }
    return contested;
  }

  #begin(ids: Uint32Array): void {
    this.#batch += 1;
    this.#before.length = 0;
    let size = this.#moved.length;
    for (const id of ids) while (id >= size) size *= 2;
    if (size === this.#moved.length) return;
    this.#moved = grown(this.#moved, new Uint32Array(size));
    this.#late = grown(this.#late, new Uint32Array(size));
    this.#heldBefore = grown(this.#heldBefore, new Float64Array(size));
  }
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
