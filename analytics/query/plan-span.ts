import { basesOf, COARSE_BASES, type RollupBase, type Tier, wholeBuckets } from '../rollups/definition.ts';
import { type EventTier, uncountedEvents } from '../rollups/event-counts.ts';
import type { Kept } from '../rollups/standing.ts';
import type { StoreState } from '../store/state.ts';
import type { BucketKind, CityTime } from '../time/city-time.ts';
import type { GridId, Span } from './shapes.ts';

/** Into which buckets readings are gathered: none, equal ones counted from the epoch, or those of the city's calendar. */
export type Bucketing = null | { readonly ms: number } | { readonly kind: BucketKind };

/** What an answer has to tell. */
export interface PlanNeed {
  readonly dggrs: GridId;
  /** Finest level; -1 when the answer tells no place. */
  readonly level: number;
  readonly bucketing: Bucketing;
}

/** One kind of bucket at one base, and what is read of it. Spans are half-open, ascending, disjoint. */
export interface RollupStep {
  readonly kept: Kept;
  readonly base: RollupBase;
  readonly spans: readonly Span[];
}

/** Which parts of a span are answered from which rollups, and which from the rows: together the span, each instant once. */
export interface SpanPlan {
  readonly rollup: readonly RollupStep[];
  readonly raw: readonly Span[];
}

/** More pieces of rows than this are joined over what lies between: reading that too is quicker than the statement is long. */
const MAX_RAW_PIECES = 48;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type PlanState = Pick<StoreState, 'rollups' | 'droppedBefore'>;

/**
 * The largest buckets of the coarsest base that suffices, as far as they stand; what does not stand or fit is filled from finer bases,
 * then smaller buckets, and at last from the rows.
 */
export function planSpan(state: PlanState, span: Span, need: PlanNeed): SpanPlan {
  const sources = usableTiers(state.rollups.calendar, span, need.bucketing).flatMap((tier) =>
    basesFor(tier, need.dggrs, need.level).map((base) => sourceOf(state, tier, base)),
  );
  const { taken, rows } = fill(state, span, sources);
  return {
    rollup: sources.flatMap(({ kept, base }, index) => {
      const spans = taken[index]!;
      return spans.length === 0 ? [] : [{ kept, base, spans }];
    }),
    raw: rows,
  };
}

/** Days whose counts by bin stand, the rest from the rows. */
export function planSketch(state: PlanState, span: Span, need: PlanNeed): SpanPlan {
  const days = usableTiers(state.rollups.calendar, span, need.bucketing).includes('day');
  const base = COARSE_BASES.find(({ dggrs, level }) => dggrs === need.dggrs && level >= need.level);
  if (!days || base === undefined) return { rollup: [], raw: [span] };
  const { taken, rows } = fill(state, span, [sourceOf(state, 'sketch', base)]);
  const spans = taken[0]!;
  return { rollup: spans.length === 0 ? [] : [{ kept: 'sketch', base, spans }], raw: rows };
}

/** Days and hours of which the events are counted, the rest from the events. */
export function planEvents(
  state: StoreState,
  span: Span,
  bucketing: Bucketing,
): {
  readonly counted: readonly { readonly tier: EventTier; readonly spans: readonly Span[] }[];
  readonly raw: readonly Span[];
} {
  const { calendar } = state.rollups;
  const tiers = usableTiers(calendar, span, bucketing).filter((tier) => tier !== 'minute');
  const sources = tiers.map((tier) => ({
    tier,
    holes: (whole: Span) => uncountedEvents(state, tier, whole),
  }));
  const { taken, rows } = fill(
    { rollups: state.rollups, droppedBefore: Number.NEGATIVE_INFINITY },
    span,
    sources,
  );
  return {
    counted: tiers
      .map((tier, index) => ({ tier, spans: taken[index]! }))
      .filter(({ spans }) => spans.length > 0),
    raw: rows,
  };
}

/** One kind of bucket, and what of a span of whole ones does not stand. */
interface Source {
  readonly tier: Tier;
  readonly holes: (whole: Span) => readonly Span[];
}

function sourceOf({ rollups, droppedBefore }: PlanState, kept: Kept, base: RollupBase) {
  const tier: Tier = kept === 'sketch' ? 'day' : kept;
  return { kept, tier, base, holes: (whole: Span) => rollups.holes(kept, base, whole, droppedBefore) };
}

/** What is taken of each source in turn, and what no source has. */
function fill(
  { rollups, droppedBefore }: PlanState,
  asked: Span,
  sources: readonly Source[],
): { readonly taken: readonly (readonly Span[])[]; readonly rows: readonly Span[] } {
  const taken: Span[][] = sources.map(() => []);
  const raw: Span[] = [];
  const take = (span: Span, index: number): void => {
    if (span.from >= span.to) return;
    const source = sources[index];
    if (source === undefined) {
      raw.push(span);
      return;
    }
    const whole = wholeBuckets(rollups.calendar, source.tier, span);
    if (whole === null) {
      take(span, index + 1);
      return;
    }
    take({ from: span.from, to: whole.from }, index + 1);
    let at = whole.from;
    for (const hole of source.holes(whole)) {
      if (hole.from > at) taken[index]!.push({ from: at, to: hole.from });
      take(hole, index + 1);
      at = hole.to;
    }
    if (at < whole.to) taken[index]!.push({ from: at, to: whole.to });
    take({ from: whole.to, to: span.to }, index + 1);
  };
  take({ from: Math.ceil(asked.from), to: Math.ceil(asked.to) }, 0);
  const rows = fewer(joined(raw), droppedBefore);
  return { taken: taken.map((spans) => without(joined(spans), rows)), rows };
}

/** Largest first. A tier can be used when each of its buckets lies in one of those asked for. */
function usableTiers(calendar: CityTime, span: Span, bucketing: Bucketing): readonly Tier[] {
  if (bucketing === null) return ['day', 'hour', 'minute'];
  if ('kind' in bucketing) {
    const { kind } = bucketing;
    if (kind === 'day' || kind === 'month') return ['day', 'hour', 'minute'];
    return kind === 'hour' ? ['hour', 'minute'] : ['minute'];
  }
  const aligned = (tier: 'hour' | 'day', ms: number) =>
    bucketing.ms % ms === 0 &&
    calendar.runs(tier, span).every(({ from, length }) => length === ms && from % ms === 0);
  const tiers: Tier[] = [];
  if (aligned('day', DAY_MS)) tiers.push('day');
  if (aligned('hour', HOUR_MS)) tiers.push('hour');
  if (bucketing.ms % 60_000 === 0) tiers.push('minute');
  return tiers;
}

/** Bases of a tier from which zones of a level can be derived, coarsest first: fewest rows first. */
function basesFor(tier: Tier, dggrs: GridId, level: number): readonly RollupBase[] {
  return basesOf(tier)
    .filter((base) => base.dggrs === dggrs && base.level >= level)
    .reverse();
}

function joined(spans: readonly Span[]): readonly Span[] {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && last.to === from) last.to = to;
    else all.push({ from, to });
  }
  return all;
}

/** Joins the spans that lie nearest to each other until there are few. Rows from before `heldFrom` are gone: nothing is joined there. */
function fewer(spans: readonly Span[], heldFrom: number): readonly Span[] {
  const excess = spans.length - MAX_RAW_PIECES;
  if (excess <= 0) return spans;
  const gaps = spans
    .slice(1)
    .map((span, index) => ({ index, from: spans[index]!.to, length: span.from - spans[index]!.to }))
    .filter(({ from }) => from >= heldFrom)
    .sort((a, b) => a.length - b.length)
    .slice(0, excess);
  const closed = new Set(gaps.map(({ index }) => index));
  const all: { from: number; to: number }[] = [];
  for (const [index, { from, to }] of spans.entries()) {
    if (closed.has(index - 1)) all.at(-1)!.to = to;
    else all.push({ from, to });
  }
  return all;
}

/** The spans less what others cover. Both ascending and disjoint. */
function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let at = span.from;
    for (const other of others) {
      if (other.to <= at || other.from >= span.to) continue;
      if (other.from > at) left.push({ from: at, to: other.from });
      at = Math.max(at, other.to);
    }
    if (at < span.to) left.push({ from: at, to: span.to });
    return left;
  });
}
