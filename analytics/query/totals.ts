import type { StoreInternals } from '../store/internals.ts';
import type { TotalsAnswer, TotalsRow } from './answers.ts';
import { checkLimit, checkSpan } from './checks.ts';
import { type Counted, type Counting, countSpan, estimateRows, extentOf } from './count-span.ts';
import { QueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Span, TotalsQuery } from './shapes.ts';

/** Rows of one answer. */
export const MAX_TOTALS = 500_000;
/** Length of the first piece of a page, ms: a month of hours of a city is some ten thousand rows. */
const FIRST_PIECE_MS = 32 * 86_400_000;
/** A page that has rows and has taken this long is answered with what it has, ms. */
const PAGE_MS = 3000;

/**
 * Everything a dataset holds, counted by zone, time bucket and category (of events, by their start), property (of
 * observations) or type (of features, which have no time: in bucket 0): for reconciliation and export. What has no place
 * is counted under the zone ''.
 *
 * With `limit` the answer is a page: whole buckets, oldest first, at most so many rows, and in `next` the instant from
 * which to ask on.
 *
 * @throws {QueryError} `too-large` above `MAX_TOTALS` rows without a limit, or for one bucket above the limit.
 */
export async function queryTotals(
  internals: StoreInternals,
  scope: Scope,
  query: TotalsQuery,
): Promise<TotalsAnswer> {
  const { dataset, dggrs, bucketMs } = query;
  const level = scope.level(dggrs, query.level);
  scope.requireDataset(dataset);
  if (!Number.isInteger(bucketMs) || bucketMs < 1000) {
    throw new QueryError('span-invalid', `Cannot gather by ${bucketMs} ms: a bucket is at least 1000 ms`);
  }
  const limit = query.limit === undefined ? undefined : Math.max(1, checkLimit(query.limit, MAX_TOTALS));
  const asked = query.span === undefined ? undefined : checkSpan(query.span);
  const extent = await extentOf(internals, scope, dataset);
  const span = extent && narrow(extent, asked);
  const counting = { dataset, dggrs, level, bucketMs };
  const page =
    span === undefined
      ? NOTHING
      : limit === undefined
        ? await all(internals, scope, counting, span)
        : await pageOf(internals, scope, counting, span, limit);
  return {
    dataset,
    dggrs,
    level,
    bucketMs,
    rows: page.rows,
    next: page.next,
    provenance: provenanceOf(internals.state, [dataset], page.newest, page.answeredFrom),
  };
}

type Page = Omit<Counted, 'whole'> & { readonly next: number | null };

const NOTHING: Page = { rows: [], newest: null, answeredFrom: 'raw', next: null };

async function all(internals: StoreInternals, scope: Scope, counting: Counting, span: Span): Promise<Page> {
  const counted = await countSpan(internals, scope, counting, span, MAX_TOTALS);
  if (counted.whole) return { ...counted, next: null };
  const estimate = await estimateRows(internals, scope, counting, span);
  throw new QueryError(
    'too-large',
    `Cannot answer with ${estimate} rows: at most ${MAX_TOTALS}, ask for pages by "limit", a coarser level or a shorter span`,
    { estimate, limit: MAX_TOTALS },
  );
}

/** Goes through the span in pieces of whole buckets, longer where there is little and shorter where there is much. */
async function pageOf(
  internals: StoreInternals,
  scope: Scope,
  counting: Counting,
  span: Span,
  limit: number,
): Promise<Page> {
  const { bucketMs } = counting;
  const began = performance.now();
  const pieces: Counted[] = [];
  const rows: TotalsRow[] = [];
  let buckets = Math.max(1, Math.ceil(FIRST_PIECE_MS / bucketMs));
  let from = span.from;
  while (from < span.to) {
    if (rows.length > 0 && performance.now() - began > PAGE_MS) break;
    const start = Math.floor(from / bucketMs) * bucketMs;
    const piece = { from, to: Math.min(span.to, start + buckets * bucketMs) };
    const counted = await countSpan(internals, scope, counting, piece, limit - rows.length);
    if (counted.whole) {
      pieces.push(counted);
      for (const row of counted.rows) rows.push(row);
      from = piece.to;
      // What is next is likely as dense: no piece should be begun that is sure not to fit.
      buckets = counted.rows.length * 4 <= limit ? buckets * 4 : buckets;
      if (rows.length === limit) break;
    } else if (rows.length > 0) break;
    else if (buckets > 1) buckets = Math.ceil(buckets / 4);
    else {
      const estimate = await estimateRows(internals, scope, counting, piece);
      throw new QueryError(
        'too-large',
        `Cannot answer with a page of ${limit} rows: the bucket at ${start} alone has ${estimate}`,
        { estimate, limit },
      );
    }
  }
  const sources = new Set(pieces.flatMap((piece) => (piece.rows.length === 0 ? [] : [piece.answeredFrom])));
  return {
    rows,
    newest: newestOf(pieces.map((piece) => piece.newest)),
    answeredFrom: sources.size === 1 ? [...sources][0]! : sources.size === 0 ? 'raw' : 'rollup+raw',
    next: from < span.to ? from : null,
  };
}

/** The part of what is asked for that can hold anything; undefined when there is none. */
function narrow(extent: Span, asked: Span | undefined): Span | undefined {
  if (asked === undefined) return extent;
  const span = { from: Math.max(extent.from, asked.from), to: Math.min(extent.to, asked.to) };
  return span.from < span.to ? span : undefined;
}
