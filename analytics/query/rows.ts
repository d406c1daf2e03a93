import type { TimedResult } from '../rollups/parts.ts';
import type { StoreState } from '../store/state.ts';
import type { AnswerProvenance, PlanStep } from './shapes.ts';

/** One row of `partsSql`, read. */
export interface PartsRow {
  readonly dataset: number;
  readonly property: number;
  readonly zone: bigint;
  readonly bucket: number;
  readonly n: number;
  readonly total: number;
  readonly least: number;
  readonly greatest: number;
  readonly newest: number;
}

export function partsRows({
  n,
  columns,
}: {
  readonly n: number;
  readonly columns: readonly (readonly unknown[])[];
}): PartsRow[] {
  return Array.from({ length: n }, (_, row) => ({
    dataset: columns[0]![row] as number,
    property: columns[1]![row] as number,
    zone: columns[2]![row] as bigint,
    bucket: Number(columns[3]![row]),
    n: Number(columns[4]![row]),
    total: columns[5]![row] as number,
    least: columns[6]![row] as number,
    greatest: columns[7]![row] as number,
    newest: Number(columns[8]![row]),
  }));
}

/** With what `full` adds; absent where it was not asked for. */
export interface FullParts extends PartsRow {
  readonly m2?: number;
  /** Null for parts of before the first was kept. */
  readonly first?: TimedResult | null;
  readonly last?: TimedResult | null;
}

export function fullPartsRows(answer: Parameters<typeof partsRows>[0]): FullParts[] {
  const { columns } = answer;
  const rows = partsRows(answer);
  if (columns.length <= 9) return rows;
  const timed = (time: unknown, result: unknown): TimedResult | null =>
    time === null || result === null ? null : { time: Number(time), result: result as number };
  return rows.map((row, index) => ({
    ...row,
    m2: columns[9]![index] as number,
    first: timed(columns[10]![index], columns[11]![index]),
    last: timed(columns[12]![index], columns[13]![index]),
  }));
}

/** Two groups as one, under the keys of the first: of several datasets, or pieces of an area. */
export function mergeFull(a: FullParts, b: FullParts): FullParts {
  const whole = {
    ...a,
    n: a.n + b.n,
    total: a.total + b.total,
    least: Math.min(a.least, b.least),
    greatest: Math.max(a.greatest, b.greatest),
    newest: Math.max(a.newest, b.newest),
  };
  if (a.m2 === undefined || b.m2 === undefined) return whole;
  const delta = b.total / b.n - a.total / a.n;
  return {
    ...whole,
    m2: a.m2 + b.m2 + (delta * delta * a.n * b.n) / whole.n,
    first: either(a.first, b.first, -1),
    last: either(a.last, b.last, 1),
  };
}

function either(
  a: TimedResult | null | undefined,
  b: TimedResult | null | undefined,
  way: 1 | -1,
): TimedResult | null {
  if (a == null || b == null) return null;
  return way * (a.time - b.time || a.result - b.result) > 0 ? a : b;
}

/** What every answer says of itself, from the names of the datasets that fed it. */
export function provenanceOf(
  state: StoreState,
  datasets: Iterable<string>,
  newestPhenomenonTime: number | null,
  answeredFrom: AnswerProvenance['answeredFrom'],
  plan?: readonly PlanStep[],
): AnswerProvenance {
  const ids = [...new Set(datasets)].sort();
  const declared = ids.map((id) => state.dictionary.dataset(id));
  return {
    datasets: ids,
    demo: declared.some((dataset) => dataset?.demo === true),
    inventedPose: declared.some((dataset) => dataset?.inventedPose === true),
    newestPhenomenonTime,
    position: state.position,
    answeredFrom,
    ...(plan === undefined ? {} : { plan }),
  };
}

/** The greatest of some instants; null for none. */
export function newestOf(times: Iterable<number | null>): number | null {
  let newest: number | null = null;
  for (const time of times) if (time !== null && (newest === null || time > newest)) newest = time;
  return newest;
}
