/** When rows leave the hot tables, and when parts are made of parts. Times in ms. */
export interface SealPolicy {
  /** Looks for something to do every so many ms; 0: only when `seal` is called. Default 60,000. */
  readonly intervalMs: number;
  /** A day is sealed so long after its end. Default 3 hours: most of what is late has come by then. */
  readonly sealAfterMs: number;
  /** How long after its end a day still gets a table of its own; what comes later lies in a table a month. Default 3 days. */
  readonly lateAfterMs: number;
  /**
   * A table that is due is left alone until no row has come for so long, and one of few rows until it was seen for
   * `sealAfterMs`. Default 5 minutes.
   */
  readonly quietMs: number;
  /** A table of more rows is sealed at once, in pieces if need be, whatever its day. Default 20 million. */
  readonly maxHotRows: number;
  /** Rows of one file at most, about: bounds the memory of sealing, and what a question of one place opens. */
  readonly fileRows: number;
  /** Parts of fewer rows are merged by month. Default 100,000. */
  readonly smallPartRows: number;
  /** Small parts of one month that are worth a merge before the month is over. Default 8. */
  readonly mergeFanIn: number;
  /** The state is written down at most so often, unless something was sealed with `all`. Default an hour. */
  readonly snapshotEveryMs: number;
}

export const SEAL_POLICY: SealPolicy = {
  intervalMs: 60_000,
  sealAfterMs: 3 * 3_600_000,
  lateAfterMs: 3 * 86_400_000,
  quietMs: 5 * 60_000,
  maxHotRows: 20_000_000,
  fileRows: 2_000_000,
  smallPartRows: 100_000,
  mergeFanIn: 8,
  snapshotEveryMs: 3_600_000,
};
