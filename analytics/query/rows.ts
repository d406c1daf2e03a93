import type { StoreState } from '../store/state.ts';
import type { AnswerProvenance } from './shapes.ts';

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

/** What every answer says of itself, from the names of the datasets that fed it. */
export function provenanceOf(
  state: StoreState,
  datasets: Iterable<string>,
  newestPhenomenonTime: number | null,
  answeredFrom: AnswerProvenance['answeredFrom'],
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
  };
}

/** The greatest of some instants; null for none. */
export function newestOf(times: Iterable<number | null>): number | null {
  let newest: number | null = null;
  for (const time of times) if (time !== null && (newest === null || time > newest)) newest = time;
  return newest;
}
