import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import { columnOf, gridOf } from '../zones.ts';
import type { TotalsAnswer, TotalsRow } from './answers.ts';
import { checkSpan } from './checks.ts';
import { eventWhere } from './events.ts';
import { bucketSql, partsSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import { newestOf, partsRows, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Span, TotalsQuery } from './shapes.ts';

/** Rows of one cube. */
export const MAX_TOTALS = 500_000;

/**
 * Everything a dataset holds, counted by zone, time bucket and category (of events, by their start) or property (of
 * observations): for reconciliation and export. What has no place is counted under the zone ''.
 */
export async function queryTotals(
  { state, pool }: StoreInternals,
  scope: Scope,
  query: TotalsQuery,
): Promise<TotalsAnswer> {
  const level = scope.level(query.dggrs, query.level);
  scope.requireDataset(query.dataset);
  if (!Number.isInteger(query.bucketMs) || query.bucketMs < 1000) {
    throw new QueryError(
      'span-invalid',
      `Cannot gather by ${query.bucketMs} ms: a bucket is at least 1000 ms`,
    );
  }
  const span = query.span === undefined ? undefined : checkSpan(query.span);
  const observed: Span = span ?? wholeSpan(state.partitions.all);
  const { sql: parts, answeredFrom } = partsSql(state, scope, {
    span: observed,
    properties: null,
    datasets: [query.dataset],
    by: { dggrs: query.dggrs, level },
    bucketMs: query.bucketMs,
  });
  // Events are counted at their start: the span filter of the list, which takes what it touches, is narrowed here.
  const started = span === undefined ? 'true' : `start_ms >= ${Math.ceil(span.from)}::BIGINT`;
  const column = columnOf(query.dggrs);
  const events = `SELECT ${column}_parent(${column}, ${level}) AS zone, ${bucketSql('start_ms', query.bucketMs)} AS bucket,
      category, count(*)::BIGINT AS n, max(start_ms) AS newest
    FROM event WHERE ${eventWhere(scope, { datasets: [query.dataset], span })} AND ${started}
      AND ${scope.datasetSql('dataset', undefined, true)} GROUP BY 1, 2, 3`;
  const [partsAnswer, eventsAnswer] = await Promise.all([
    pool.run(`${parts} LIMIT ${MAX_TOTALS + 1}`),
    pool.run(`${events} LIMIT ${MAX_TOTALS + 1}`),
  ]);
  const count = partsAnswer.n + eventsAnswer.n;
  if (count > MAX_TOTALS) {
    const counted = await pool.run(
      `SELECT (SELECT count(*) FROM (${parts})) + (SELECT count(*) FROM (${events}))`,
    );
    const estimate = Number(counted.columns[0]![0]);
    throw new QueryError(
      'too-large',
      `Cannot answer with ${estimate} rows: at most ${MAX_TOTALS}, ask for a coarser level or a shorter span`,
      { estimate, limit: MAX_TOTALS },
    );
  }
  const grid = gridOf(query.dggrs);
  const id = (zone: bigint) => (zone === NO_ZONE ? '' : grid.format(zone, level));
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
  const [zones, buckets, categories, counts, newest] = eventsAnswer.columns;
  for (let row = 0; row < eventsAnswer.n; row++) {
    rows.push({
      id: id(zones![row] as bigint),
      bucket: Number(buckets![row]),
      category: categories![row] as string,
      count: Number(counts![row]),
      sum: null,
      min: null,
      max: null,
    });
  }
  rows.sort((a, b) => a.bucket - b.bucket || compare(a.id, b.id) || compare(a.category, b.category));
  const newestTime = newestOf([...observations.map((row) => row.newest), ...newest!.map(Number)]);
  return {
    dataset: query.dataset,
    dggrs: query.dggrs,
    level,
    bucketMs: query.bucketMs,
    rows,
    provenance: provenanceOf(
      state,
      [query.dataset],
      newestTime,
      eventsAnswer.n > 0 && observations.length === 0 ? 'raw' : answeredFrom,
    ),
  };
}

function wholeSpan(partitions: readonly { readonly from: number; readonly to: number }[]): Span {
  if (partitions.length === 0) return { from: 0, to: 3_600_000 };
  return {
    from: Math.min(...partitions.map(({ from }) => from)),
    to: Math.max(...partitions.map(({ to }) => to)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
