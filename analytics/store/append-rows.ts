import type { DuckDBConnection } from '@duckdb/node-api';

/** What a column of a small table may hold. Numbers go by the column's own type, times as whole ms. */
export type Cell = string | number | bigint | boolean | null;

type Kind =
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'BIGINT'
  | 'UBIGINT'
  | 'UINTEGER'
  | 'INTEGER'
  | 'UTINYINT'
  | 'DOUBLE'
  | 'FLOAT';

/**
 * Appends rows of the few (events, features, rejections, dictionary entries) through the appender, cell by cell by the
 * table's own column types. Inside the caller's transaction.
 */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  try {
    const kinds = Array.from(
      { length: appender.columnCount },
      (_, index) => appender.columnType(index).toString() as Kind,
    );
    for (const row of rows) {
      for (let column = 0; column < kinds.length; column++) {
        const cell = row[column];
        if (cell === null || cell === undefined) {
          appender.appendNull();
          continue;
        }
        switch (kinds[column]) {
          case 'VARCHAR':
            appender.appendVarchar(cell as string);
            break;
          case 'BOOLEAN':
            appender.appendBoolean(cell as boolean);
            break;
          case 'BIGINT':
            appender.appendBigInt(typeof cell === 'bigint' ? cell : BigInt(Math.round(cell as number)));
            break;
          case 'UBIGINT':
            appender.appendUBigInt(cell as bigint);
            break;
          case 'UINTEGER':
            appender.appendUInteger(cell as number);
            break;
          case 'INTEGER':
            appender.appendInteger(cell as number);
            break;
          case 'UTINYINT':
            appender.appendUTinyInt(cell as number);
            break;
          case 'DOUBLE':
            appender.appendDouble(cell as number);
            break;
          case 'FLOAT':
            appender.appendFloat(cell as number);
            break;
          default:
            throw new Error(`Cannot append to ${table}: column ${column} is ${kinds[column]}`);
        }
      }
      appender.endRow();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
