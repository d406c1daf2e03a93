import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, UINTEGER } from '@duckdb/node-api';
import { type ObservationColumns, QUALITY } from '../../ingest/model/index.ts';
import type { GrowingFloat64 } from './memory.ts';

/**
 * What the first look at a batch gave. A reading newer than everything its datastream has stored cannot be a duplicate;
 * only the others, `candidates`, are looked up.
 */
export interface DuplicateScan {
  /** Whole UTC ms by row. */
  readonly times: Float64Array;
  /** By row: 1 when it is a duplicate of an earlier row of the batch, or found in the store. */
  readonly duplicate: Uint8Array;
  /** Rows that may be in the store. */
  readonly candidates: readonly number[];
  /** Newest own times as they were, by datastream touched: to take the scan back. */
  readonly before: ReadonlyMap<number, number>;
}

/**
 * Finds duplicates within the batch and the candidates for the store, and moves `newest` (the newest own time of each
 * datastream) forward. A reading whose time the server gave is never a duplicate: the same bytes sent afresh are a new
 * reading.
 */
export function scanDuplicates(
  columns: ObservationColumns,
  ids: Uint32Array,
  newest: GrowingFloat64,
): DuplicateScan {
  const { n, phenomenonTime, datastream, result, quality } = columns;
  const times = new Float64Array(n);
  const duplicate = new Uint8Array(n);
  const before = new Map<number, number>();
  const late: number[] = [];
  const lateStreams = new Set<number>();
  for (let row = 0; row < n; row++) {
    const time = Math.round(phenomenonTime[row]!);
    times[row] = time;
    if ((quality[row]! & QUALITY.serverTime) !== 0) continue;
    const id = ids[datastream[row]!]!;
    const held = newest.get(id);
    if (time > held) {
      if (!before.has(id)) before.set(id, held);
      newest.set(id, time);
    } else {
      late.push(row);
      lateStreams.add(id);
    }
  }
  if (late.length === 0) return { times, duplicate, candidates: [], before };
  const seen = new Set<string>();
  for (let row = 0; row < n; row++) {
    if ((quality[row]! & QUALITY.serverTime) !== 0) continue;
    const id = ids[datastream[row]!]!;
    if (!lateStreams.has(id)) continue;
    const key = `${id} ${times[row]} ${result[row]}`;
    if (seen.has(key)) duplicate[row] = 1;
    else seen.add(key);
  }
  const candidates = late.filter((row) => {
    if (duplicate[row] === 1) return false;
    const id = ids[datastream[row]!]!;
    return times[row]! <= (before.get(id) ?? newest.get(id));
  });
  return { times, duplicate, candidates, before };
}

const CHUNK_ROWS = 2048;

/** Looks candidates up in the stored tables, one join a table. Inside the caller's transaction. */
export class DuplicateLookup {
  readonly #connection: DuckDBConnection;
  readonly #chunk = DuckDBDataChunk.create([UINTEGER, UINTEGER, BIGINT, DOUBLE]);

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Rows of `rows` whose (datastream, time, result) the table holds with a time of its own. */
  async find(
    table: string,
    rows: readonly number[],
    columns: ObservationColumns,
    times: Float64Array,
    ids: Uint32Array,
  ): Promise<readonly number[]> {
    // Made and dropped each time: rows deleted from a temporary table are never given back.
    await this.#connection.run(
      'CREATE OR REPLACE TEMP TABLE candidate (row_index UINTEGER, datastream UINTEGER, time BIGINT, result DOUBLE)',
    );
    const appender = await this.#connection.createAppender('candidate');
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    try {
      for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
        const slice = rows.slice(start, start + CHUNK_ROWS);
        this.#chunk.reset();
        this.#chunk.rowCount = slice.length;
        this.#chunk.setColumnValues(0, slice);
        this.#chunk.setColumnValues(
          1,
          slice.map((row) => ids[columns.datastream[row]!]!),
        );
        this.#chunk.setColumnValues(
          2,
          slice.map((row) => BigInt(times[row]!)),
        );
        this.#chunk.setColumnValues(
          3,
          slice.map((row) => columns.result[row]!),
        );
        appender.appendDataChunk(this.#chunk);
        for (const row of slice) {
          from = Math.min(from, times[row]!);
          to = Math.max(to, times[row]!);
        }
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    const reader = await this.#connection.runAndReadAll(
      `SELECT DISTINCT c.row_index FROM candidate c JOIN ${table} o
         ON o.datastream = c.datastream AND o.time = c.time AND o.result = c.result
       WHERE o.time BETWEEN ${from}::BIGINT AND ${to}::BIGINT AND (o.quality & ${QUALITY.serverTime}::UTINYINT) = 0`,
    );
    await this.#connection.run('DROP TABLE candidate');
    return (reader.getColumns()[0] ?? []) as readonly number[];
  }
}
