import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import type { DatastreamEntry } from '../store/store.ts';
import type { SeriesAnswer, SeriesQueryAnswer } from './answers.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { partsSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import { newestOf, type PartsRow, partsRows, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { SeriesQuery, Span } from './shapes.ts';

/** Buckets of one series: more than any screen has columns. */
export const MAX_BUCKETS = 10_000;

/** Mean, least and greatest of a property by time bucket: of a Thing, a zone or the whole city. Gaps stay gaps. */
export async function querySeries(
  { state, pool }: StoreInternals,
  scope: Scope,
  query: SeriesQuery,
): Promise<SeriesQueryAnswer> {
  const span = checkSpan(query.span);
  const { unit } = requireProperty(state, query.property);
  const { starts, request, answer } = bucketsOf(state, span, query);
  const propertyId = state.dictionary.propertyId(query.property);
  const datastreams =
    query.thing === undefined
      ? undefined
      : datastreamsOf(state, scope, query.thing)
          .filter((stream) => stream.property === query.property)
          .map((stream) => stream.id);
  const { sql, answeredFrom, plan } = partsSql(state, scope, {
    span,
    properties: propertyId === undefined ? [] : [propertyId],
    datastreams,
    inside: query.zone === undefined ? undefined : scope.zone(query.zone),
    ...request,
  });
  const rows = partsRows(await pool.run(sql));
  return {
    ...seriesOf(query.property, unit, answer, starts, rows),
    provenance: provenanceOf(
      state,
      rows.map((row) => state.dictionary.datasetName(row.dataset) ?? ''),
      newestOf(rows.map((row) => row.newest)),
      answeredFrom,
      plan,
    ),
  };
}

/** @throws {QueryError} `unknown-thing`: the same whether it does not exist or may not be seen. */
function datastreamsOf(state: StoreState, scope: Scope, id: string): readonly DatastreamEntry[] {
  const thing = state.dictionary.thing(id);
  const seen = state.dictionary.datastreamsOfThing(id).filter((stream) => scope.allows(stream.dataset));
  if (seen.length > 0 || (thing !== undefined && scope.allows(thing.dataset))) return seen;
  throw new QueryError('unknown-thing', `Cannot find the Thing "${id}"`);
}

/**
 * Starts of the buckets that a span touches, aligned to the epoch.
 *
 * @throws {QueryError} `span-invalid` for a bucket that is no whole number of ms; `too-large` for too many of them.
 */
export function bucketStarts(span: Span, bucketMs: number): readonly number[] {
  if (!Number.isInteger(bucketMs) || bucketMs < 1000) {
    throw new QueryError('span-invalid', `Cannot gather by ${bucketMs} ms: a bucket is at least 1000 ms`);
  }
  const first = Math.floor(span.from / bucketMs) * bucketMs;
  const count = Math.ceil((span.to - first) / bucketMs);
  if (count > MAX_BUCKETS) {
    throw new QueryError('too-large', `Cannot answer with ${count} buckets: at most ${MAX_BUCKETS}`, {
      estimate: count,
      limit: MAX_BUCKETS,
    });
  }
  return Array.from({ length: count }, (_, index) => first + index * bucketMs);
}

/** Rows of one property (of any datasets) laid out over the buckets. */
export function seriesOf(
  property: string,
  unit: string,
  bucketed: Buckets['answer'],
  starts: readonly number[],
  rows: readonly PartsRow[],
): SeriesAnswer {
  const byBucket = new Map<number, { n: number; total: number; least: number; greatest: number }>();
  for (const { bucket, n, total, least, greatest } of rows) {
    const held = byBucket.get(bucket);
    if (held === undefined) byBucket.set(bucket, { n, total, least, greatest });
    else {
      held.n += n;
      held.total += total;
      held.least = Math.min(held.least, least);
      held.greatest = Math.max(held.greatest, greatest);
    }
  }
  const buckets = starts.map((start) => byBucket.get(start));
  return {
    property,
    unit,
    ...bucketed,
    t: starts,
    mean: buckets.map((bucket) => (bucket === undefined ? null : bucket.total / bucket.n)),
    min: buckets.map((bucket) => bucket?.least ?? null),
    max: buckets.map((bucket) => bucket?.greatest ?? null),
    count: buckets.map((bucket) => bucket?.n ?? 0),
  };
}
