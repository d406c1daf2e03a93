import type { EpochMs, TimeRange } from '../model/index.ts';

/** A declared range as instants, `[from, to)` for archives and `[from, to]` for live ones. */
const archives = new WeakMap<TimeRange, { readonly from: EpochMs; readonly to: EpochMs }>();

/**
 * Is the instant one this dataset may report? Live datasets are judged against the instant of arrival, archives absolutely.
 *
 * @returns Undefined when it is, else a sentence that names the instant and the range.
 */
export function timeRangeFault(range: TimeRange, time: EpochMs, receivedAt: EpochMs): string | undefined {
  if (range.mode === 'live') {
    const from = receivedAt - range.maxAgeMs;
    const to = receivedAt + range.maxAheadMs;
    return time >= from && time <= to ? undefined : outside(time, from, to);
  }
  let span = archives.get(range);
  if (span === undefined) {
    span = { from: Date.parse(range.from), to: Date.parse(range.to) };
    archives.set(range, span);
  }
  return time >= span.from && time < span.to ? undefined : outside(time, span.from, span.to);
}

function outside(time: EpochMs, from: EpochMs, to: EpochMs): string {
  return `Time "${iso(time)}" is outside the declared range "${iso(from)}" to "${iso(to)}"`;
}

/** ISO 8601 text, or the bare number where a Date cannot hold it. */
export function iso(time: EpochMs): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
