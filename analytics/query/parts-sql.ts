import { sketchTable } from '../rollups/build-days.ts';
import { baseName, rollupTable } from '../rollups/definition.ts';
import { mergedPartsSql, partsOfRowsSql } from '../rollups/parts-columns.ts';
import { binSql } from '../rollups/sketch.ts';
import { type RowColumn, rowsSql, spansSql, type ZoneRanges } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import { bucketOfLengthSql, bucketOfRunsSql } from '../time/bucket-sql.ts';
import type { BucketKind } from '../time/city-time.ts';
import { columnOf, gridOf } from '../zones.ts';
import { coverOfBox } from './box-cover.ts';
import { type Bucketing, planSketch, planSpan, type RollupStep, type SpanPlan } from './plan-span.ts';
import { coarserRanges, type IdRange, rangesSql } from './ranges-sql.ts';
import { type AskedZone, idsSql, type Scope } from './scope.ts';
import type { AnswerProvenance, GridId, PlanStep, Span } from './shapes.ts';

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
  /** Only points in these zones of one grid, given by their ranges, ascending; `level` is the finest among them. */
  readonly within?: (ZoneRanges & { readonly level: number }) | undefined;
  /** Ranges of H3 that hold all that is wanted of `within`, which is of another grid: sealed rows lie in the order of H3. */
  readonly skipBy?: ZoneRanges | undefined;
  /** Further conditions on rows, over `time`, `result`, `h3`, `beidou`: they are answered from the rows. */
  readonly where?: readonly string[] | undefined;
  /** Gather by zones of this level. */
  readonly by?: { readonly dggrs: GridId; readonly level: number } | undefined;
  /** Gather by buckets of this length, ms, aligned to the epoch. */
  readonly bucketMs?: number | undefined;
  /** Gather by buckets of the city's calendar, instead. */
  readonly bucket?: BucketKind | undefined;
  /** Also m2, first_time, first_result, last_time, last_result: they cost a second look. */
  readonly full?: boolean | undefined;
  /** For tests: never use the rollup. */
  readonly rawOnly?: boolean | undefined;
}

export interface PartsSql {
  /**
   * Columns: dataset, property (ids), zone (UBIGINT, NO_ZONE where there is none; 0 when not gathered by zone), bucket
   * (BIGINT; 0 when not gathered by bucket), n, total, least, greatest, newest; with `full` also m2, first_time, first_result,
   * last_time, last_result. One row a group of the first four.
   */
  readonly sql: string;
  readonly answeredFrom: AnswerProvenance['answeredFrom'];
  /** What it reads, with an estimate of how much. */
  readonly plan: readonly PlanStep[];
}

const KEYS = ['dataset', 'property', 'zone', 'bucket'];
const FULL = 'n, total, least, greatest, m2, first_time, first_result, last_time, last_result';

/** The one statement behind zones, series, totals and dossiers: rollups and rows side by side, merged by group. */
export function partsSql(state: StoreState, scope: Scope, request: PartsRequest): PartsSql {
  const plan = planOf(state, scope, request, planSpan);
  const full = request.full === true;
  const pieces = plan.rollup.map((step) => {
    const { keys, where } = ofRollup(state, scope, request, step);
    const table = rollupTable(step.kept === 'sketch' ? 'day' : step.kept, step.base);
    const parts = full ? FULL : 'n, total, least, greatest, last_time';
    return `SELECT ${keys.join(', ')}, ${parts} FROM ${table} r WHERE ${where}`;
  });
  const source = rawRowsSql(state, scope, request, plan.raw);
  if (source !== null) {
    const keys = keysOfRows(state, request);
    pieces.push(
      full
        ? `SELECT ${KEYS.join(', ')}, ${FULL} FROM (${partsOfRowsSql(keys, source)})`
        : `SELECT ${keys.join(', ')}, count(*)::BIGINT AS n, fsum(result) AS total, min(result) AS least, max(result) AS greatest,
             max(time) AS last_time FROM (${source}) GROUP BY 1, 2, 3, 4`,
    );
  }
  if (pieces.length === 0) pieces.push(emptySql(full));
  const all = pieces.join(' UNION ALL ');
  const sql = full
    ? `SELECT ${KEYS.join(', ')}, n, total, least, greatest, last_time AS newest, m2, first_time, first_result, last_time, last_result
       FROM (${mergedPartsSql(KEYS, all)})`
    : `SELECT ${KEYS.join(', ')}, sum(n)::BIGINT AS n, fsum(total) AS total, min(least) AS least, max(greatest) AS greatest,
         max(last_time) AS newest FROM (${all}) GROUP BY 1, 2, 3, 4`;
  return { sql, ...described(state, plan, source !== null) };
}

/** As `partsSql`, with the counts by bin of a quantile sketch. Columns: dataset, property, zone, bucket, bin, n. */
export function sketchSql(state: StoreState, scope: Scope, request: PartsRequest): PartsSql {
  const plan = planOf(state, scope, request, planSketch);
  const pieces = plan.rollup.map((step) => {
    const { keys, where } = ofRollup(state, scope, request, step);
    return `SELECT ${keys.join(', ')}, bin, n FROM ${sketchTable(step.base)} r WHERE ${where}`;
  });
  const source = rawRowsSql(state, scope, request, plan.raw);
  if (source !== null) {
    const keys = [...keysOfRows(state, request), `${binSql('result')} AS bin`];
    pieces.push(`SELECT ${keys.join(', ')}, count(*)::BIGINT AS n FROM (${source}) GROUP BY 1, 2, 3, 4, 5`);
  }
  if (pieces.length === 0) {
    pieces.push(`SELECT ${KEYS.join(', ')}, 0::INTEGER AS bin, n FROM (${emptySql(false)})`);
  }
  const sql = `SELECT ${KEYS.join(', ')}, bin, sum(n)::BIGINT AS n FROM (${pieces.join(' UNION ALL ')}) GROUP BY 1, 2, 3, 4, 5`;
  return { sql, ...described(state, plan, source !== null) };
}

function planOf(state: StoreState, scope: Scope, request: PartsRequest, planned: typeof planSpan): SpanPlan {
  const grid = request.rawOnly === true ? null : gridOfRollup(scope, request);
  if (grid === null) return { rollup: [], raw: [request.span] };
  return planned(state, request.span, { ...grid, bucketing: bucketingOf(request) });
}

function described(
  state: StoreState,
  plan: SpanPlan,
  hasRows: boolean,
): Pick<PartsSql, 'answeredFrom' | 'plan'> {
  const steps: PlanStep[] = plan.rollup.map(({ kept, base, spans }) => ({
    from: kept,
    base: baseName(base),
    spans: spans.length,
    rows: state.rollups.measure(kept, base, spans).rows,
  }));
  if (hasRows) {
    const rows = state.rollups.readingsIn(plan.raw);
    steps.push({ from: 'raw', base: null, spans: plan.raw.length, rows });
  }
  const answeredFrom = plan.rollup.length === 0 ? 'raw' : hasRows ? 'rollup+raw' : 'rollup';
  return { answeredFrom, plan: steps };
}

function bucketingOf({ bucketMs, bucket }: PartsRequest): Bucketing {
  if (bucket !== undefined) return { kind: bucket };
  return bucketMs === undefined ? null : { ms: bucketMs };
}

/** The grid and level that the parts must tell; null where only rows can answer: exact areas, single datastreams, two grids at once. */
function gridOfRollup(
  scope: Scope,
  { by, inside, within, where, datastreams }: PartsRequest,
): { dggrs: GridId; level: number } | null {
  if (scope.area !== null || datastreams !== undefined || where !== undefined) return null;
  const asked = [by, inside, within].filter((one) => one !== undefined);
  const dggrs = asked[0]?.dggrs ?? 'h3';
  if (asked.some((one) => one.dggrs !== dggrs)) return null;
  return { dggrs, level: Math.max(-1, ...asked.map(({ level }) => level)) };
}

/** Keys and conditions over the columns of a rollup table. */
function ofRollup(state: StoreState, scope: Scope, request: PartsRequest, { base, spans }: RollupStep) {
  const { inside, by, within } = request;
  const grid = gridOf(base.dggrs);
  // Ranges of point ids hold the codes of BeiDou zones in them too; cells of H3 carry their level above their digits.
  const atBase = ({ lo, hi }: IdRange): IdRange =>
    base.dggrs === 'beidou2d'
      ? { lo, hi }
      : {
          lo: grid.parent(lo, grid.pointLevel, base.level),
          hi: grid.parent(hi, grid.pointLevel, base.level),
        };
  const where = [
    spansSql('r.bucket', spans),
    scope.readingSql('r.dataset', 'r.property', request.datasets, placed(scope, request)),
    idsSql('r.property', request.properties),
    ...(inside === undefined ? [] : [rangesSql('r.zone', [atBase(inside)])]),
    ...(within === undefined ? [] : [rangesSql('r.zone', within.ranges.map(atBase))]),
  ];
  const derived = `${columnOf(base.dggrs)}_parent(r.zone, ${by?.level})`;
  const zone = by === undefined ? '0::UBIGINT' : by.level === base.level ? 'r.zone' : derived;
  const bucket = bucketSqlOf(state, request, 'r.bucket');
  const keys = ['r.dataset AS dataset', 'r.property AS property', `${zone} AS zone`, `${bucket} AS bucket`];
  return { keys, where: where.join(' AND ') };
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

/** Keys over the columns of `rawRowsSql`. */
function keysOfRows(state: StoreState, request: PartsRequest): string[] {
  const { by } = request;
  const column = by === undefined ? '' : columnOf(by.dggrs);
  const zone = by === undefined ? '0::UBIGINT' : `${column}_parent(${column}, ${by.level})`;
  const bucket = bucketSqlOf(state, request, 'time');
  return ['dataset', 'property', `${zone} AS zone`, `${bucket} AS bucket`];
}

/** The rows of these spans that may be read and are asked for; null when nothing can hold any. */
function rawRowsSql(
  state: StoreState,
  scope: Scope,
  request: PartsRequest,
  spans: readonly Span[],
): string | null {
  if (spans.length === 0) return null;
  const { inside, within, by, datastreams, properties } = request;
  const where = [...(request.where ?? [])];
  const areas: ZoneRanges[] = [];
  if (inside !== undefined) areas.push({ dggrs: inside.dggrs, ranges: [{ lo: inside.lo, hi: inside.hi }] });
  if (within !== undefined) areas.push(within);
  // The first area skips files and row groups by a few ranges; where it has more, it is then looked at exactly, as the others are.
  for (const [index, { dggrs, ranges }] of areas.entries()) {
    if (index > 0 || request.skipBy !== undefined || ranges.length > 1)
      where.push(rangesSql(columnOf(dggrs), ranges));
  }
  if (scope.area !== null) {
    where.push(scope.areaSql('beidou'));
    const cover = coverOfBox(by?.dggrs ?? 'h3', scope.area);
    if (cover !== undefined) areas.push(cover);
  }
  const [skipBy] = request.skipBy === undefined ? areas : [request.skipBy];
  const zones = skipBy && { dggrs: skipBy.dggrs, ranges: coarserRanges(skipBy.ranges) };
  const columns: RowColumn[] = ['time', 'dataset', 'property', 'result'];
  if (by !== undefined) columns.push(columnOf(by.dggrs));
  const source = rowsSql(state, {
    spans,
    datasets: scope.datasetIds(request.datasets),
    properties,
    datastreams,
    zones,
    where,
    columns,
  });
  if (source === null) return null;
  const visible = scope.readingSql('dataset', 'property', request.datasets, placed(scope, request));
  return visible === 'true' ? source : `SELECT * FROM (${source}) WHERE ${visible}`;
}

function emptySql(full: boolean): string {
  const more = full
    ? '0::DOUBLE AS m2, 0::BIGINT AS first_time, 0::DOUBLE AS first_result, 0::BIGINT AS last_time, 0::DOUBLE AS last_result'
    : '0::BIGINT AS last_time';
  return `SELECT 0::UINTEGER AS dataset, 0::UINTEGER AS property, 0::UBIGINT AS zone, 0::BIGINT AS bucket, 0::BIGINT AS n,
    0::DOUBLE AS total, 0::DOUBLE AS least, 0::DOUBLE AS greatest, ${more} WHERE false`;
}

/** Start of the bucket asked for in which the instant in a column lies. */
function bucketSqlOf(state: StoreState, request: PartsRequest, column: string): string {
  const bucketing = bucketingOf(request);
  if (bucketing === null) return '0::BIGINT';
  if ('ms' in bucketing) return bucketOfLengthSql(column, bucketing.ms);
  return bucketOfRunsSql(column, state.rollups.calendar.runs(bucketing.kind, request.span));
}

/** Start of the bucket, also for times before 1970. */
export function bucketSql(column: string, bucketMs: number | undefined): string {
  return bucketMs === undefined ? '0::BIGINT' : bucketOfLengthSql(column, bucketMs);
}
