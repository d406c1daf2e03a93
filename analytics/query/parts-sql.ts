import { baseFor, ROLLUP_BASES, ROLLUP_BUCKET_MS } from '../rollups/definition.ts';
import { ubigint } from '../sql/macros.ts';
import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import { columnOf } from '../zones.ts';
import { planSpan } from './plan-span.ts';
import { type AskedZone, idsSql, type Scope } from './scope.ts';
import type { AnswerProvenance, GridId, Span } from './shapes.ts';

/** Which readings, and into what they are gathered. */
export interface PartsRequest {
  readonly span: Span;
  /** Property ids; null for all. */
  readonly properties: readonly number[] | null;
  /** Dataset names asked for; absent: all that may be read. */
  readonly datasets?: readonly string[] | undefined;
  /** Only these datastreams. */
  readonly datastreams?: readonly number[] | undefined;
  /** Only inside this zone. */
  readonly inside?: AskedZone | undefined;
  /** Only points in these zones of one grid, given by their ranges; `level` is the finest among them. */
  readonly within?: ZoneRanges & { readonly level: number };
  /** Further conditions on rows, over `time`, `result`, `h3`, `beidou`: they are answered from the rows. */
  readonly where?: readonly string[] | undefined;
  /** Gather by zones of this level. */
  readonly by?: { readonly dggrs: GridId; readonly level: number } | undefined;
  /** Gather by buckets of this length, ms, aligned to the epoch. */
  readonly bucketMs?: number | undefined;
  /** For tests: never use the rollup. */
  readonly rawOnly?: boolean | undefined;
}

export interface PartsSql {
  /**
   * Columns: dataset, property (ids), zone (UBIGINT, NO_ZONE where there is none; 0 when not gathered by zone), bucket
   * (BIGINT; 0 when not gathered by bucket), n, total, least, greatest, newest. One row a group of these.
   */
  readonly sql: string;
  readonly answeredFrom: AnswerProvenance['answeredFrom'];
}

/** The one statement behind zones, series, totals and dossiers: rollup and rows side by side, merged by group. */
export function partsSql(state: StoreState, scope: Scope, request: PartsRequest): PartsSql {
  const usesRollup = request.rawOnly !== true && rollupBase(scope, request) !== undefined;
  const plan = usesRollup ? planSpan(state, request.span) : { rollup: [], raw: [request.span] };
  const pieces: string[] = [];
  if (plan.rollup.length > 0) pieces.push(rollupSql(scope, request, plan.rollup));
  const raw = rawSql(state, scope, request, plan.raw);
  if (raw !== null || pieces.length === 0) pieces.push(raw ?? emptySql());
  const answeredFrom = plan.rollup.length === 0 ? 'raw' : raw === null ? 'rollup' : 'rollup+raw';
  return {
    sql: `SELECT dataset, property, zone, bucket, sum(n)::BIGINT AS n, fsum(total) AS total, min(least) AS least,
            max(greatest) AS greatest, max(newest) AS newest
          FROM (${pieces.join(' UNION ALL ')}) GROUP BY dataset, property, zone, bucket`,
    answeredFrom,
  };
}

/** The base whose parts can answer, if any: areas and single datastreams need the rows. */
function rollupBase(scope: Scope, { by, inside, within, where, datastreams, bucketMs }: PartsRequest) {
  if (scope.area !== null || datastreams !== undefined || where !== undefined) return undefined;
  if (bucketMs !== undefined && bucketMs % ROLLUP_BUCKET_MS !== 0) return undefined;
  if (by !== undefined && inside !== undefined && by.dggrs !== inside.dggrs) return undefined;
  if (within !== undefined && within.dggrs !== (by ?? inside ?? within).dggrs) return undefined;
  const wanted = by ?? inside ?? within;
  if (wanted === undefined) return ROLLUP_BASES[0];
  return baseFor(wanted.dggrs, Math.max(by?.level ?? 0, inside?.level ?? 0, within?.level ?? 0));
}

function rollupSql(scope: Scope, request: PartsRequest, spans: readonly Span[]): string {
  const base = rollupBase(scope, request)!;
  const prefix = columnOf(base.dggrs);
  const { inside, by, within } = request;
  const where = [
    `r.grid = '${base.dggrs}'`,
    spansSql('r.bucket', spans),
    scope.readingSql('r.dataset', 'r.property', request.datasets, placed(scope, request)),
    idsSql('r.property', request.properties),
    ...(inside === undefined
      ? []
      : [
          `r.zone <> 18446744073709551615::UBIGINT`,
          `${prefix}_parent(r.zone, ${inside.level}) = ${ubigint(inside.zone)}`,
        ]),
    ...(within === undefined ? [] : [rangesSql(`${prefix}_lo(r.zone, ${base.level})`, within)]),
  ];
  const zone = by === undefined ? '0::UBIGINT' : `${prefix}_parent(r.zone, ${by.level})`;
  return `SELECT r.dataset, r.property, ${zone} AS zone, ${bucketSql('r.bucket', request.bucketMs)} AS bucket,
      sum(r.n)::BIGINT AS n, fsum(r.total) AS total, min(r.least) AS least, max(r.greatest) AS greatest, max(r.newest) AS newest
    FROM rollup r WHERE ${where.join(' AND ')} GROUP BY 1, 2, 3, 4`;
}

/** Does the answer tell where? */
function placed(scope: Scope, { by, inside, within, where }: PartsRequest): boolean {
  return (
    by !== undefined ||
    inside !== undefined ||
    within !== undefined ||
    where !== undefined ||
    scope.area !== null
  );
}

/** Null when no table holds rows of these spans. */
function rawSql(
  state: StoreState,
  scope: Scope,
  request: PartsRequest,
  spans: readonly Span[],
): string | null {
  const { inside, by, datastreams, within } = request;
  const rowFilter = [
    ...(within === undefined ? [] : [rangesSql(columnOf(within.dggrs), within)]),
    ...(request.where ?? []),
    ...(inside === undefined
      ? []
      : [`${columnOf(inside.dggrs)} BETWEEN ${ubigint(inside.lo)} AND ${ubigint(inside.hi)}`]),
    ...(datastreams === undefined ? [] : [idsSql('datastream', datastreams)]),
    ...(scope.area === null ? [] : [scope.areaSql('beidou')]),
  ];
  const tables = rowsOf(state, spans, rowFilter);
  if (tables === null) return null;
  const where = [
    scope.readingSql('d.dataset', 'd.property', request.datasets, placed(scope, request)),
    idsSql('d.property', request.properties),
  ];
  const zone =
    by === undefined ? '0::UBIGINT' : `${columnOf(by.dggrs)}_parent(o.${columnOf(by.dggrs)}, ${by.level})`;
  return `SELECT d.dataset, d.property, ${zone} AS zone, ${bucketSql('o.time', request.bucketMs)} AS bucket,
      count(*)::BIGINT AS n, fsum(o.result) AS total, min(o.result) AS least, max(o.result) AS greatest, max(o.time) AS newest
    FROM (${tables}) o JOIN datastream d ON d.id = o.datastream WHERE ${where.join(' AND ')} GROUP BY 1, 2, 3, 4`;
}

/** The observation rows of these spans that pass the filters, from the tables that can hold them; null for none. */
export function rowsOf(state: StoreState, spans: readonly Span[], filters: readonly string[]): string | null {
  const pieces = state.partitions.all.flatMap(({ name, from, to }) => {
    const touched = spans.filter((span) => span.from < to && span.to > from);
    if (touched.length === 0) return [];
    return [`SELECT * FROM ${name} WHERE ${[spansSql('time', touched), ...filters].join(' AND ')}`];
  });
  return pieces.length === 0 ? null : pieces.join(' UNION ALL ');
}

/** SQL for "the point id in this column lies in one of these ranges". */
export function rangesSql(column: string, { ranges }: Pick<ZoneRanges, 'ranges'>): string {
  if (ranges.length === 0) return 'false';
  const any = ranges.map(({ lo, hi }) => `${column} BETWEEN ${ubigint(lo)} AND ${ubigint(hi)}`);
  return `(${any.join(' OR ')})`;
}

function emptySql(): string {
  return `SELECT 0::UINTEGER AS dataset, 0::UINTEGER AS property, 0::UBIGINT AS zone, 0::BIGINT AS bucket, 0::BIGINT AS n,
    0::DOUBLE AS total, 0::DOUBLE AS least, 0::DOUBLE AS greatest, 0::BIGINT AS newest WHERE false`;
}

function spansSql(column: string, spans: readonly Span[]): string {
  const one = spans.map(
    ({ from, to }) => `(${column} >= ${Math.ceil(from)}::BIGINT AND ${column} < ${Math.ceil(to)}::BIGINT)`,
  );
  return one.length === 1 ? one[0]! : `(${one.join(' OR ')})`;
}

/** Start of the bucket, also for times before 1970: `%` keeps the sign of its left side. */
export function bucketSql(column: string, bucketMs: number | undefined): string {
  if (bucketMs === undefined) return '0::BIGINT';
  const b = `${bucketMs}::BIGINT`;
  return `${column} - ((${column} % ${b}) + ${b}) % ${b}`;
}
