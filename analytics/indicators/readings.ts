import type { Scope } from '../query/scope.ts';
import type { Span } from '../query/shapes.ts';
import { rowsSql } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import type { Sample } from './samples.ts';

/**
 * SQL for the readings of some datastreams in some spans that may be seen, with the columns `datastream`, `time` (UTC ms) and
 * `result`, wherever they lie; null when there are none.
 */
export function readingsSql(
  state: StoreState,
  scope: Scope,
  spans: readonly Span[],
  datastreams: readonly number[],
): string | null {
  if (datastreams.length === 0) return null;
  const streams = datastreams.flatMap((id) => state.dictionary.datastream(id) ?? []);
  return rowsSql(state, {
    spans,
    datasets: [...new Set(streams.map((stream) => state.dictionary.datasetId(stream.dataset)!))],
    properties: null,
    datastreams,
    where: [scope.areaSql('beidou')],
    columns: ['datastream', 'time', 'result'],
  });
}

export function idsOf(samples: readonly Sample[]): readonly number[] {
  return samples.map((sample) => sample.stream.id);
}
