import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { QueryError } from '../query/query-error.ts';

/** An answer by column, in the order of the statement: bigint for 64-bit integers, number, text or null. */
export interface Columns {
  readonly n: number;
  readonly columns: readonly (readonly unknown[])[];
}

/**
 * Runs a statement and reads its answer chunk by chunk (2,048 rows), so that the event loop does other work between two.
 *
 * DuckDB holds an answer outside its `memory_limit` (100 M rows of three numbers took 2.5 GB beside a limit of 128 MB), so the
 * statement itself is cut after `maxRows`. Streaming would bound it too, but `fetchChunk` of a streamed answer gives its end
 * where an error or an interrupt befell it (@duckdb/node-api 1.5.6): half an answer that looks whole.
 *
 * @throws {QueryError} `too-large` beyond `maxRows`; the rest is not computed.
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
  maxRows: number,
): Promise<Columns> {
  const result = await connection.run(cut(sql, maxRows + 1), values.length === 0 ? undefined : values);
  if (result.rowCount > maxRows) {
    throw new QueryError('too-large', `Cannot answer with more than ${maxRows} rows: ask for less`, {
      estimate: result.rowCount,
      limit: maxRows,
    });
  }
  const columns: unknown[][] = Array.from({ length: result.columnCount }, () => []);
  for (let n = 0; n < result.rowCount; ) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) throw new Error(`The answer ended after ${n} rows`);
    n += chunk.rowCount;
    for (let c = 0; c < columns.length; c++) {
      const into = columns[c]!;
      for (const value of chunk.getColumnValues(c)) into.push(value);
    }
  }
  return { n: result.rowCount, columns };
}

/** The statement with a limit around it; what is no query (EXPLAIN, DESCRIBE) stays. */
function cut(sql: string, rows: number): string {
  return /^\s*(SELECT|WITH|FROM|VALUES)\b/i.test(sql) ? `SELECT * FROM (${sql}\n) LIMIT ${rows}` : sql;
}
