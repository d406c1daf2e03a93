import { ROLLUP_BUCKET_MS } from '../rollups/definition.ts';
import type { StoreState } from '../store/state.ts';
import type { Span } from './shapes.ts';

/** Which parts of a span are answered from the rollup and which from the rows. Half-open, ascending, disjoint. */
export interface SpanPlan {
  readonly rollup: readonly Span[];
  readonly raw: readonly Span[];
}

/** More pieces than this, and reading all the rows is quicker than the statement is long. */
const MAX_PIECES = 48;

/**
 * Whole hours that are built and untouched since come from the rollup; the edges of the span, the open hour and hours
 * that late data has reached come from the rows. Hours of dropped days have only the rollup.
 */
export function planSpan(state: Pick<StoreState, 'dirty' | 'droppedBefore'>, span: Span): SpanPlan {
  const first = Math.ceil(span.from / ROLLUP_BUCKET_MS) * ROLLUP_BUCKET_MS;
  const last = Math.floor(span.to / ROLLUP_BUCKET_MS) * ROLLUP_BUCKET_MS;
  if (first >= last) return { rollup: [], raw: [span] };
  const dirty = [...state.dirty.all]
    .filter((hour) => hour >= first && hour < last && hour >= state.droppedBefore)
    .sort((a, b) => a - b);
  const raw: { from: number; to: number }[] = [];
  const read = (from: number, to: number) => {
    if (from >= to) return;
    const before = raw.at(-1);
    if (before !== undefined && before.to === from) before.to = to;
    else raw.push({ from, to });
  };
  read(span.from, first);
  for (const hour of dirty) read(hour, hour + ROLLUP_BUCKET_MS);
  read(last, span.to);
  if (raw.length > MAX_PIECES) return { rollup: [], raw: [span] };
  const rollup: Span[] = [];
  let at = first;
  for (const { from, to } of raw) {
    if (Math.min(from, last) > at) rollup.push({ from: at, to: Math.min(from, last) });
    at = Math.max(at, to);
  }
  if (at < last) rollup.push({ from: at, to: last });
  return { rollup, raw };
}
