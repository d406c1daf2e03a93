import { type RowColumn, rowsSql } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import type { Bucket } from '../time/city-time.ts';

const COLUMNS: readonly RowColumn[] = ['time', 'dataset', 'property', 'result', 'h3', 'beidou'];

/** All readings of some spans, with what parts are made of. */
export function readingsSql(state: StoreState, spans: readonly Bucket[]): string {
  const sql = rowsSql(state, { spans, datasets: null, properties: null, columns: COLUMNS });
  return (
    sql ??
    `SELECT o.time, d.dataset, d.property, o.result, o.h3, o.beidou FROM observation_none o JOIN datastream d ON d.id = o.datastream`
  );
}

/** Neighbours joined; ascending in, ascending out. */
export function joinSpans(spans: readonly Bucket[]): readonly Bucket[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of spans) {
    const last = joined.at(-1);
    if (last?.to === from) last.to = to;
    else joined.push({ from, to });
  }
  return joined;
}
