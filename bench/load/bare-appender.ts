import { rm } from 'node:fs/promises';
import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  FLOAT,
  UBIGINT,
  UINTEGER,
  UTINYINT,
} from '@duckdb/node-api';
import { TypedChunk } from '../../analytics/store/typed-chunk.ts';
import type { ObservationColumns } from '../../ingest/model/index.ts';

const CHUNK_ROWS = 2048;
const TYPES = [
  { type: BIGINT, bytes: 8 },
  { type: UINTEGER, bytes: 4 },
  { type: UINTEGER, bytes: 4 },
  { type: DOUBLE, bytes: 8 },
  { type: UBIGINT, bytes: 8 },
  { type: UBIGINT, bytes: 8 },
  { type: FLOAT, bytes: 4 },
  { type: UTINYINT, bytes: 1 },
] as const;

/**
 * The least that a durable load can be: the columns as they are, in one table, and a position, in one transaction. No ids,
 * no duplicates, no accounts. What the loader takes longer than this is what it adds.
 */
export class BareAppender {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #path: string;
  readonly #chunk = new TypedChunk(TYPES);
  readonly #valid = new Uint8Array(CHUNK_ROWS / 8);
  #position = 0;

  private constructor(
    path: string,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    appender: DuckDBAppender,
  ) {
    this.#path = path;
    this.#instance = instance;
    this.#connection = connection;
    this.#appender = appender;
  }

  /** A new file with the limits of the index. */
  static async open(path: string): Promise<BareAppender> {
    const instance = await DuckDBInstance.create(path, {
      memory_limit: '256MB',
      threads: '2',
      checkpoint_threshold: '64MB',
    });
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE bare (time BIGINT NOT NULL, result_delay_ms UINTEGER NOT NULL,
      datastream UINTEGER NOT NULL, result DOUBLE NOT NULL, h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, height FLOAT,
      quality UTINYINT NOT NULL)`);
    await connection.run('CREATE TABLE loader AS SELECT 0::BIGINT AS position');
    return new BareAppender(path, instance, connection, await connection.createAppender('bare'));
  }

  /** @param times - The instants as 64-bit integers. */
  async load(columns: ObservationColumns, times: BigInt64Array): Promise<void> {
    await this.#connection.run('BEGIN');
    const all = [
      times,
      columns.resultDelayMs,
      columns.datastream,
      columns.result,
      columns.h3,
      columns.beidou,
      columns.heightM,
      columns.quality,
    ];
    for (let start = 0; start < columns.n; start += CHUNK_ROWS) {
      const size = Math.min(CHUNK_ROWS, columns.n - start);
      const slices = all.map((column) => ({
        buffer: column.buffer,
        byteOffset: column.byteOffset + start * column.BYTES_PER_ELEMENT,
      }));
      this.#chunk.append(this.#appender, size, slices, { column: 6, bits: this.#valid });
    }
    this.#appender.flushSync();
    this.#position += 1;
    await this.#connection.run(`UPDATE loader SET position = ${this.#position}`);
    await this.#connection.run('COMMIT');
  }

  async close(): Promise<void> {
    this.#appender.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#path, { force: true });
    await rm(`${this.#path}.wal`, { force: true });
  }
}
