/** The rows of a part beside what its sidecar says of them. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Part } from './part.ts';
import { partFilePath } from './part-files.ts';
import { sqlText } from './write-part.ts';

/** Reads the rows of parts, one after the other, in a database of its own. */
export interface PartRowsCheck {
  /** What is not as the sidecar says, a sentence each with the name of the file. */
  check(partsDir: string, part: Part): Promise<readonly string[]>;
  close(): void;
}

/** @param memoryLimitMb - Order is checked with a window over a whole file. */
export async function openPartRowsCheck(memoryLimitMb = 512): Promise<PartRowsCheck> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryLimitMb}MB`,
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  return {
    check: (partsDir, part) => checkRows(connection, partsDir, part),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function checkRows(
  connection: DuckDBConnection,
  partsDir: string,
  part: Part,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const file of part.files) {
    const path = partFilePath(partsDir, part, file.name);
    const say = (what: string) => faults.push(`File ${file.name} ${what}`);
    try {
      const reader = await connection.runAndReadAll(`
        SELECT count(*)::DOUBLE, min(time)::DOUBLE, max(time)::DOUBLE, min(h3)::VARCHAR, max(h3)::VARCHAR,
          count(*) FILTER (dataset <> '${sqlText(part.dataset)}')::DOUBLE,
          count(*) FILTER (h3 < before_h3 OR (h3 = before_h3 AND time < before_time))::DOUBLE
        FROM (SELECT dataset, time, h3, lag(h3) OVER w AS before_h3, lag(time) OVER w AS before_time
          FROM read_parquet('${sqlText(path)}', file_row_number = true) WINDOW w AS (ORDER BY file_row_number))`);
      const [rows, from, to, h3Min, h3Max, foreign, unsorted] = reader.getRows()[0]!;
      if (rows !== file.rows) say(`has ${rows} rows, its sidecar says ${file.rows}`);
      if ((rows as number) > 0 && ((from as number) < part.from || (to as number) >= part.to))
        say(`has rows from ${from} to ${to}, its sidecar says [${part.from}, ${part.to})`);
      if (h3Min !== file.h3Min || h3Max !== file.h3Max)
        say(`has cells ${h3Min} to ${h3Max}, its sidecar says ${file.h3Min} to ${file.h3Max}`);
      if (foreign !== 0) say(`has ${foreign} rows of another dataset`);
      if (unsorted !== 0) say(`is not sorted by (h3, time): ${unsorted} rows stand before one they follow`);
    } catch (error) {
      say(`cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return faults;
}
