const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Rejections of the last hour by minute and dataset: a few numbers, however many are refused. */
export class RecentRejections {
  readonly #byMinute = new Map<number, Map<string, number>>();

  add(receivedAtMs: number, dataset: string, count = 1): void {
    const minute = Math.floor(receivedAtMs / MINUTE_MS);
    let datasets = this.#byMinute.get(minute);
    if (datasets === undefined) {
      datasets = new Map();
      this.#byMinute.set(minute, datasets);
      for (const old of this.#byMinute.keys()) if (old < minute - 2 * MINUTES) this.#byMinute.delete(old);
    }
    datasets.set(dataset, (datasets.get(dataset) ?? 0) + count);
  }

  /** How many were received in the 60 minutes up to now, of datasets that may be seen. */
  lastHour(nowMs: number, allows: (dataset: string) => boolean): number {
    const now = Math.floor(nowMs / MINUTE_MS);
    let sum = 0;
    for (const [minute, datasets] of this.#byMinute) {
      if (minute <= now - MINUTES || minute > now) continue;
      for (const [dataset, count] of datasets) if (allows(dataset)) sum += count;
    }
    return sum;
  }

  clear(): void {
    this.#byMinute.clear();
  }
}
