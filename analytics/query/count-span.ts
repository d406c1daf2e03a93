import { NO_ZONE } from '../../ingest/model/index.ts';
import { EVENT_BASES, eventTable } from '../rollups/event-counts.ts';
import type { StoreInternals } from '../store/internals.ts';
import { spansSql } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import { columnOf, gridOf } from '../zones.ts';
import type { TotalsRow } from './answers.ts';
import { eventWhere, featureWhere } from './events.ts';
import { bucketSql, partsSql } from './parts-sql.ts';
import { planEvents } from './plan-span.ts';
import { newestOf, partsRows } from './rows.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance, GridId, Span } from './shapes.ts';

/** What is counted, and into what it is gathered. */
export interface Counting {
  readonly dataset: string;
  readonly dggrs: GridId;
  readonly level: number;
  readonly bucketMs: number;
}

/** The rows of one span by bucket, zone and category; `whole` is false when there were more than `most`. */
export interface Counted {
  readonly whole: boolean;
  readonly rows: readonly TotalsRow[];
  readonly newest: number | null;
  readonly answeredFrom: AnswerProvenance['answeredFrom'];
}

/** Start of the bucket of features: they have no time. */
export const FEATURE_BUCKET = 0;

/**
 * Counts the observations, events and features of a dataset in one span.
 *
 * @param span - Features count when it holds the start of their bucket.
 * @param most - Rows to answer with; a span that has more is told by `whole`, without rows.
 */
export async function countSpan(
  internals: StoreInternals,
  scope: Scope,
  counting: Counting,
  span: Span,
  most: number,
): Promise<Counted> {
  const { pool, state } = internals;
  const { parts, answeredFrom, events, features } = countingSql(internals, scope, counting, span);
  const limit = ` LIMIT ${most + 1}`;
  const [partsAnswer, eventsAnswer, featuresAnswer] = await Promise.all([
    pool.run(parts + limit),
    pool.run(events + limit),
    features === null ? undefined : pool.run(features + limit),
  ]);
  const items = [eventsAnswer, ...(featuresAnswer === undefined ? [] : [featuresAnswer])];
  const itemCount = items.reduce((sum, answer) => sum + answer.n, 0);
  if (partsAnswer.n + itemCount > most) return { whole: false, rows: [], newest: null, answeredFrom: 'raw' };

  const grid = gridOf(counting.dggrs);
  const id = (zone: bigint) => (zone === NO_ZONE ? '' : grid.format(zone, counting.level));
  const observations = partsRows(partsAnswer);
  const rows: TotalsRow[] = observations.map((row) => ({
    id: id(row.zone),
    bucket: row.bucket,
    category: state.dictionary.propertyName(row.property) ?? '',
    count: row.n,
    sum: row.total,
    min: row.least,
    max: row.greatest,
  }));
  const newest = observations.map((row) => row.newest);
  for (const { n, columns } of items) {
    const [zones, buckets, categories, counts, times] = columns;
    for (let row = 0; row < n; row++) {
      newest.push(Number(times![row]));
      rows.push({
        id: id(zones![row] as bigint),
        bucket: Number(buckets![row]),
        category: categories![row] as string,
        count: Number(counts![row]),
        ...{ sum: null, min: null, max: null },
      });
    }
  }
  rows.sort((a, b) => a.bucket - b.bucket || compare(a.id, b.id) || compare(a.category, b.category));
  return {
    whole: true,
    rows,
    newest: newestOf(newest),
    answeredFrom: itemCount > 0 && observations.length === 0 ? 'raw' : answeredFrom,
  };
}

/** How many rows the answer for a span would have. */
export async function estimateRows(
  internals: StoreInternals,
  scope: Scope,
  counting: Counting,
  span: Span,
): Promise<number> {
  const { parts, events, features } = countingSql(internals, scope, counting, span);
  const pieces = [parts, events, features].filter((sql) => sql !== null);
  const { columns } = await internals.pool.run(
    `SELECT ${pieces.map((sql) => `(SELECT count(*) FROM (${sql}))`).join(' + ')}`,
  );
  return Number(columns[0]![0]);
}

/** From the first to behind the last thing of the dataset that can have a row; undefined when there is none. */
export async function extentOf(
  { pool, state }: StoreInternals,
  scope: Scope,
  dataset: string,
): Promise<Span | undefined> {
  const { columns } = await pool.run(
    `SELECT min(least), max(greatest) FROM (
       SELECT min(start_ms) AS least, max(start_ms) AS greatest FROM event WHERE ${eventsOf(scope, dataset)}
       UNION ALL SELECT min(${FEATURE_BUCKET}::BIGINT), max(${FEATURE_BUCKET}::BIGINT) FROM feature WHERE ${featuresOf(scope, dataset)})`,
  );
  const [first, last] = columns.map((column) => column[0]);
  const { all } = state.partitions;
  // What is built reaches back before the rows that are still there, and lies in sealed parts too.
  const built = state.rollups.extent('hour');
  const from = all.map((partition) => partition.from);
  const to = all.map((partition) => partition.to);
  if (built !== undefined) {
    from.push(built.first);
    to.push(state.rollups.calendar.bucketAt('hour', built.last).to);
  }
  for (const part of state.parts.of(dataset)) {
    from.push(part.from);
    to.push(part.to);
  }
  if (first !== null) {
    from.push(Number(first));
    to.push(Number(last) + 1);
  }
  return from.length === 0 ? undefined : { from: Math.min(...from), to: Math.max(...to) };
}

interface CountingSql {
  readonly parts: string;
  readonly answeredFrom: AnswerProvenance['answeredFrom'];
  readonly events: string;
  /** Null when their bucket is outside of the span. */
  readonly features: string | null;
}

function countingSql(
  { state }: StoreInternals,
  scope: Scope,
  { dataset, dggrs, level, bucketMs }: Counting,
  span: Span,
): CountingSql {
  const { sql: parts, answeredFrom } = partsSql(state, scope, {
    span,
    properties: null,
    datasets: [dataset],
    by: { dggrs, level },
    bucketMs,
  });
  const column = columnOf(dggrs);
  const zone = `${column}_parent(${column}, ${level}) AS zone`;
  return {
    parts,
    answeredFrom,
    events: eventCountsSql(state, scope, { dataset, dggrs, level, bucketMs }, span),
    features:
      span.from <= FEATURE_BUCKET && span.to > FEATURE_BUCKET
        ? `SELECT ${zone}, ${FEATURE_BUCKET}::BIGINT AS bucket, feature_type, count(*)::BIGINT AS n,
             max(updated) AS newest FROM feature WHERE ${featuresOf(scope, dataset)} GROUP BY 1, 2, 3`
        : null,
  };
}

/**
 * Events by zone, bucket and category at their start, unlike in the list, which takes what a span touches: from the counts as far as
 * they stand, the rest from the events. Columns: zone, bucket, category, n, newest.
 */
function eventCountsSql(
  state: StoreState,
  scope: Scope,
  { dataset, dggrs, level, bucketMs }: Counting,
  span: Span,
): string {
  const column = columnOf(dggrs);
  const base = EVENT_BASES.find((one) => one.dggrs === dggrs && one.level >= level);
  // An exact area, or a finer level, only the events themselves can tell.
  const { counted, raw } =
    scope.area !== null || base === undefined
      ? { counted: [], raw: [span] }
      : planEvents(state, span, { ms: bucketMs });
  const pieces = counted.map(
    ({
      tier,
      spans,
    }) => `SELECT ${column}_parent(zone, ${level}) AS zone, ${bucketSql('bucket', bucketMs)} AS bucket, category, n, newest
      FROM ${eventTable(tier, base!)} WHERE ${spansSql('bucket', spans)} AND ${scope.datasetSql('dataset', [dataset], true)}`,
  );
  if (raw.length > 0 || pieces.length === 0) {
    const started = raw.length === 0 ? 'false' : spansSql('start_ms', raw);
    pieces.push(
      `SELECT ${column}_parent(${column}, ${level}) AS zone, ${bucketSql('start_ms', bucketMs)} AS bucket, category, 1::BIGINT AS n,
         start_ms AS newest FROM event WHERE ${eventsOf(scope, dataset)} AND ${started}`,
    );
  }
  return `SELECT zone, bucket, category, sum(n)::BIGINT AS n, max(newest) AS newest FROM (${pieces.join(' UNION ALL ')}) GROUP BY 1, 2, 3`;
}

function eventsOf(scope: Scope, dataset: string): string {
  return `${eventWhere(scope, { datasets: [dataset] })} AND ${scope.datasetSql('dataset', undefined, true)}`;
}

function featuresOf(scope: Scope, dataset: string): string {
  return `${featureWhere(scope, { datasets: [dataset] })} AND ${scope.datasetSql('dataset', undefined, true)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
