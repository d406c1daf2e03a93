import type { StoreState } from '../store/state.ts';
import { type BucketKind, countBuckets, startsOf } from '../time/city-time.ts';
import { QueryError } from './query-error.ts';
import { bucketStarts, MAX_BUCKETS } from './series.ts';
import type { Bucketed, Span } from './shapes.ts';

/** Lengths that buckets of the calendar have as a rule, ms: clocks put forth or back, and months, make others. */
const NOMINAL_MS: Readonly<Record<BucketKind, number>> = {
  minute: 60_000,
  quarter: 900_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
};

/** The buckets of a question: their starts, how the parts are asked for, and what the answer says of them. */
export interface Buckets {
  readonly starts: readonly number[];
  readonly request: { readonly bucketMs?: number; readonly bucket?: BucketKind };
  readonly answer: { readonly bucketMs: number; readonly bucket?: BucketKind };
}

/**
 * Buckets that a span touches: of one length, counted from the epoch, or those of the city's calendar.
 *
 * @throws {QueryError} `span-invalid` unless one of the two is asked; `too-large` for too many.
 */
export function bucketsOf(state: StoreState, span: Span, { bucketMs, bucket }: Bucketed): Buckets {
  if ((bucketMs === undefined) === (bucket === undefined)) {
    throw new QueryError(
      'span-invalid',
      'Cannot gather by time: one of a length and a kind of bucket is needed',
    );
  }
  if (bucketMs !== undefined) {
    return { starts: bucketStarts(span, bucketMs), request: { bucketMs }, answer: { bucketMs } };
  }
  const runs = state.rollups.calendar.runs(bucket!, span);
  const count = countBuckets(runs);
  if (count > MAX_BUCKETS) {
    throw new QueryError('too-large', `Cannot answer with ${count} buckets: at most ${MAX_BUCKETS}`, {
      estimate: count,
      limit: MAX_BUCKETS,
    });
  }
  return {
    starts: startsOf(runs),
    request: { bucket: bucket! },
    answer: { bucketMs: NOMINAL_MS[bucket!], bucket: bucket! },
  };
}
